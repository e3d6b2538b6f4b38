// The SQL of the sessions that a person sees and ends.
import type { Caller } from "../../call.js";
import type { Session } from "../../gen/lyceum/v1/session.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { KeysetPage } from "../../platform/page.js";
import { revocationChannel } from "./store.js";

/** A session, and the User-Agent header of its login. */
export type OwnSession = Session & { readonly user_agent: string };

const listRows = statement<OwnSession>(
  "read",
  "list-own-sessions",
  `select number as id, device_name, user_agent, address, created_at, rotated_at as last_seen_at, expires_at,
          id::text = $2 as current
     from sessions
    where user_id = $1 and revoked_at is null and expires_at > now() and ($3::bigint is null or number < $3)
    order by number desc
    limit $4 offset $5`,
);

/** The caller's sessions that have not ended, the newest login first. `page.after` is an id. */
export async function listOwnSessions(
  queries: Queries,
  { id, sessionId }: Caller,
  { after, limit, skip }: KeysetPage,
): Promise<OwnSession[]> {
  return queries.many(listRows, [id, sessionId, after?.[0], limit, skip]);
}

const revokeRow = statement<{ id: string }>(
  "pool",
  "revoke-own-session",
  `with revoked as (
     update sessions set revoked_at = clock_timestamp()
      where number = $1 and user_id = $2 and revoked_at is null and expires_at > now()
     returning id
   )
   select id::text as id, pg_notify('${revocationChannel}', id::text)::text as told from revoked`,
);

/** Revokes a session of this user, and notifies all processes; returns its uuid. Undefined when there is none that has not ended. */
export async function revokeOwnSession(queries: Queries, number: number, userId: number): Promise<string | undefined> {
  return (await queries.one(revokeRow, [number, userId]))?.id;
}
