// The consumer that makes notifications of updates.
import type { Queries } from "../platform/database/database.js";
import type { Consumer, StoredUpdate } from "../platform/updates/consumer.js";
import { kindsOfAchievements, notifyOfAchievements } from "./causes/achievements-store.js";
import { kindsOfEvents, notifyOfEvents } from "./causes/events-store.js";
import { kindsOfMedals, notifyOfMedals } from "./causes/medals-store.js";
import { kindsOfMessages, notifyOfMessages } from "./causes/messages-store.js";
import { kindsOfPosts, notifyOfPosts } from "./causes/posts-store.js";

type Notify = (queries: Queries, updates: readonly StoredUpdate[]) => Promise<void>;

const causes: readonly (readonly [kinds: readonly string[], notify: Notify])[] = [
  [kindsOfMessages, notifyOfMessages],
  [kindsOfAchievements, notifyOfAchievements],
  [kindsOfMedals, notifyOfMedals],
  [kindsOfEvents, notifyOfEvents],
  [kindsOfPosts, notifyOfPosts],
];

/** Makes the notifications that updates cause, each once however often an update comes (docs/adr/0057-a-notification-is-a-row-that-is-told-later.md). */
export const notifications: Consumer = {
  name: "notifications",
  kinds: causes.flatMap(([kinds]) => kinds),
  async take(database, updates) {
    for (const [kinds, notify] of causes) {
      const own = updates.filter(({ kind }) => kinds.includes(kind));
      if (own.length > 0) await notify(database, own);
    }
  },
};
