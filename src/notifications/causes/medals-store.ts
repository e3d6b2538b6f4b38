// Notifications of medals: that one was awarded, for the person who has it now.
import type { Queries } from "../../platform/database/database.js";
import type { StoredUpdate } from "../../platform/updates/consumer.js";
import { dueStatement, insertDue } from "../insertion-store.js";

/** The kinds of updates that are taken. */
export const kindsOfMedals: readonly string[] = ["medal.awarded"];

const ofMedals = dueStatement(
  "notify-of-medals",
  `select a.user_id, 'NOTIFICATION_TYPE_MEDAL_AWARDED' as type,
          jsonb_build_object('medal_awarded',
            jsonb_build_object('medal_id', m.id, 'medal_en', m.name_en, 'medal_ru', m.name_ru)) as payload,
          g.actor_id, 'medal.awarded:' || a.id as cause, 0 as rank
     from given g
     join user_medals a on a.id = g.subject_id and a.revoked_at is null
     join medals m on m.id = a.medal_id`,
);

/** Notifies those who were awarded medals. */
export async function notifyOfMedals(queries: Queries, updates: readonly StoredUpdate[]): Promise<void> {
  await insertDue(queries, ofMedals, updates);
}
