// Notifications: listing, counting and reading one's own, and saying which are wanted.
import type { Call, Handlers, Language } from "../call.js";
import { ApiError } from "../errors.js";
import type {
  Notification,
  NotificationPreferences,
  NotificationService,
  NotificationType,
  ReadNotificationsRequest,
} from "../gen/lyceum/v1/notification.js";
import { pageOf, readPage } from "../platform/page.js";
import { listMuted, setMuted } from "./preferences-store.js";
import { tell } from "./sentences.js";
import * as store from "./store.js";

/** The handlers of NotificationService. */
export function notificationHandlers(): Handlers<NotificationService> {
  return {
    async listNotifications(request, { database, user, client }) {
      const { types, unread } = request;
      const filters = { types: types.toSorted(), isUnread: unread === true };
      const scope = ["notifications", user.id, filters.types, filters.isUnread];
      const page = readPage(request, { scope, key: [0], isOldestFirst: false });
      const found = await store.listNotifications(database, user.id, filters, page);
      const { rows, next_page_token } = pageOf(found, page, ({ id }) => [id]);
      const { language } = client;
      return { notifications: rows.map((row) => inLanguage(row, language)), next_page_token };
    },

    async getUnreadCount(_request, { database, user }) {
      return { unread_count: await store.countUnread(database, user.id) };
    },

    async getNotification({ notification_id }, call) {
      return requireNotification(call, notification_id);
    },

    async readNotification({ notification_id }, call) {
      await store.markRead(call.database, notification_id, call.user.id);
      // After that, so that whoever waited for another one sees its time.
      return requireNotification(call, notification_id);
    },

    async readNotifications(request, { database, user }) {
      const choice = choiceOf(request);
      const read_count = await store.markManyRead(database, user.id, choice);
      return { read_count, unread_count: await store.countUnread(database, user.id) };
    },

    async getNotificationPreferences(_request, call) {
      return preferencesOf(call);
    },

    async updateNotificationPreferences({ muted }, call) {
      if (muted) await setMuted(call.database, call.user.id, muted.types);
      return preferencesOf(call);
    },
  };
}

async function requireNotification({ database, user, client }: Call, id: number): Promise<Notification> {
  const found = await store.findNotification(database, id, user.id);
  if (!found) throw new ApiError("NOTIFICATION_NOT_FOUND", `Notification with id=${id} not found`);
  return inLanguage(found, client.language);
}

// Each column by its name: an object of what is left of another one is written at half the speed.
function inLanguage(row: store.StoredNotification, language: Language): Notification {
  const { id, type, actor_id, created_at, read_at, payload } = row;
  return { id, type, actor_id, created_at, read_at, ...tell(payload, language) };
}

/** In the order of their numbers. */
const order: readonly NotificationType[] = [
  "NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED",
  "NOTIFICATION_TYPE_ACHIEVEMENT_REJECTED",
  "NOTIFICATION_TYPE_EVENT_ADDED",
  "NOTIFICATION_TYPE_MEDAL_AWARDED",
  "NOTIFICATION_TYPE_INFO",
  "NOTIFICATION_TYPE_WARNING",
  "NOTIFICATION_TYPE_MENTION",
  "NOTIFICATION_TYPE_POST_REPLY",
  "NOTIFICATION_TYPE_EVENT_REMINDER",
  "NOTIFICATION_TYPE_SEAT_FREED",
  "NOTIFICATION_TYPE_EVENT_CHANGED",
  "NOTIFICATION_TYPE_EVENT_CANCELLED",
];

async function preferencesOf({ database, user }: Call): Promise<NotificationPreferences> {
  const muted = new Set(await listMuted(database, user.id));
  return { muted: { types: order.filter((type) => muted.has(type)) } };
}

/** Throws INVALID_FIELDS (read.choice) unless the request names notifications in exactly one way. */
function choiceOf({ notification_ids: ids, until, all = false }: ReadNotificationsRequest): store.Choice {
  const ways = [ids.length > 0, until !== undefined, all].filter(Boolean).length;
  if (ways === 1) return { ids, until, all };
  const message = "must be the one way that names notifications: notification_ids, until or all";
  throw new ApiError("INVALID_FIELDS", `notification_ids ${message}`, {
    violations: [{ field: "notification_ids", pointer: "/notification_ids", rule: "read.choice", message }],
  });
}
