// The SQL of which notifications people do not want. Absent means wanted.
import type { NotificationType } from "../gen/lyceum/v1/notification.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const listMutedRows = statement<{ type: NotificationType }>(
  "read",
  "list-muted-notification-types",
  "select type from muted_notification_types where user_id = $1",
);

/** The types of which a person wants no notifications, in no order. */
export async function listMuted(queries: Queries, userId: number): Promise<NotificationType[]> {
  return (await queries.many(listMutedRows, [userId])).map(({ type }) => type);
}

const muteRows = statement<object>(
  "pool",
  "mute-notification-types",
  `with unmuted as (delete from muted_notification_types where user_id = $1 and type <> all($2::text[]))
   insert into muted_notification_types (user_id, type) select $1, unnest($2::text[]) on conflict do nothing`,
);

/** Has a person get notifications of all types but these. */
export async function setMuted(queries: Queries, userId: number, types: readonly NotificationType[]): Promise<void> {
  await queries.one(muteRows, [userId, types]);
}
