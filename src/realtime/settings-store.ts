// The SQL of what others see of a person while they are connected. Without a row everything is shown.
import type { RealtimeSettings, UpdateRealtimeSettingsRequest } from "../gen/lyceum/v1/realtime.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const findRow = statement<RealtimeSettings>(
  "read",
  "find-realtime-settings",
  "select shows_presence, shows_typing from realtime_settings where user_id = $1",
);

/** What others see of a user. */
export async function findSettings(queries: Queries, userId: number): Promise<RealtimeSettings> {
  return (await queries.one(findRow, [userId])) ?? { shows_presence: true, shows_typing: true };
}

const upsertRow = statement<RealtimeSettings>(
  "write",
  "upsert-realtime-settings",
  `insert into realtime_settings as s (user_id, shows_presence, shows_typing)
   values ($1, coalesce($2::boolean, true), coalesce($3::boolean, true))
   on conflict (user_id) do update
      set shows_presence = coalesce($2::boolean, s.shows_presence), shows_typing = coalesce($3::boolean, s.shows_typing)
   returning shows_presence, shows_typing`,
);

/** Changes what is given of it; returns it as it is then. */
export async function upsertSettings(
  queries: Queries,
  userId: number,
  { shows_presence, shows_typing }: UpdateRealtimeSettingsRequest,
): Promise<RealtimeSettings> {
  return (await queries.one(upsertRow, [userId, shows_presence, shows_typing]))!;
}

const deleteRow = statement<object>(
  "pool",
  "delete-realtime-settings",
  "delete from realtime_settings where user_id = $1",
);

/** Deletes what a user has set, whose account ends. */
export async function deleteSettings(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteRow, [userId]);
}
