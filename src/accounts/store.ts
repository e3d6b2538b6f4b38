// The SQL of credentials and sessions. Each decision about a session is one statement, so that any number of callers
// at once get one answer. Locks are taken in this order: credentials, sessions; after whatever else is locked.
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { RefreshTokenPlace } from "./sessions/refresh-tokens.js";

/** On this channel the id of each session that is ended is told to all processes. */
export const revocationChannel = "session_revoked";

export interface Credential {
  readonly user_id: number;
  readonly role: Role;
  readonly password_hash: string;
}

const findCredentialByEmail = statement<Credential>(
  "read",
  "find-credential-by-email",
  `select u.id as user_id, u.role, c.password_hash
     from users u join credentials c on c.user_id = u.id
    where lower(u.email) = lower($1)`,
);

/** Whose e-mail address this is, and the hash of the password; undefined when nobody's. */
export async function findCredential(queries: Queries, email: string): Promise<Credential | undefined> {
  return queries.one(findCredentialByEmail, [email]);
}

const insertCredentialRow = statement<object>(
  "pool",
  "insert-credential",
  "insert into credentials (user_id, password_hash) values ($1, $2)",
);

/** Gives a user, who has none yet, a password. */
export async function insertCredential(queries: Queries, userId: number, passwordHash: string): Promise<void> {
  await queries.one(insertCredentialRow, [userId, passwordHash]);
}

const deleteCredentialRow = statement<object>(
  "pool",
  "delete-credential",
  "delete from credentials where user_id = $1",
);

/** Takes a user's password away: from then on no session of theirs begins. */
export async function deleteCredential(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteCredentialRow, [userId]);
}

const insertSessionRow = statement<{ id: string }>(
  "write",
  "insert-session",
  // The user's dead sessions go with it. The revoked ones stay for longer than an access token can live,
  // since a process that starts has to know of them. The credential is held, so that whoever takes it away, and then ends
  // the sessions, sees this one.
  `with dead as (
     delete from sessions
      where user_id = $1 and (expires_at < now() or revoked_at < now() - interval '2 days')
   )
   insert into sessions (user_id, expires_at)
   select c.user_id, now() + make_interval(days => $2) from credentials c where c.user_id = $1 for key share
   returning id`,
);

/**
 * Begins a session; answers its id. Its refresh token is the one of generation 1. Undefined when the user has no password
 * any more.
 */
export async function insertSession(queries: Queries, userId: number, days: number): Promise<string | undefined> {
  return (await queries.one(insertSessionRow, [userId, days]))?.id;
}

/** What came of a refresh token: the newest token of its session to answer with, or the end of the session. */
export interface Rotation {
  readonly user_id: number;
  readonly role: Role;
  readonly generation: number;
  readonly is_revoked: boolean;
}

const rotateSessionRow = statement<Rotation>(
  "write",
  "rotate-session",
  // Callers with the same token wait for the row one after the other, and each decides on what the one before has left:
  // the first makes the child, the others are given the same one. The child is unused as long as it is the newest.
  `with rotated as (
     update sessions s
        set generation = case when s.generation = $2 then s.generation + 1 else s.generation end,
            rotated_at = case when s.generation = $2 then clock_timestamp() else s.rotated_at end,
            expires_at = case when s.generation = $2 then now() + make_interval(days => $3) else s.expires_at end,
            revoked_at = case
              when s.generation = $2 then null
              when s.generation = $2 + 1 and s.rotated_at > clock_timestamp() - interval '30 seconds' then null
              else now()
            end
       from users u
      where s.id = $1 and u.id = s.user_id and s.revoked_at is null and s.expires_at > now()
     returning s.id, s.user_id, u.role, s.generation, s.revoked_at is not null as is_revoked
   )
   select user_id, role, generation, is_revoked,
          case when is_revoked then pg_notify('${revocationChannel}', id::text)::text end as told
     from rotated`,
);

/**
 * Trades the refresh token of a place for the next one. Given again within 30 seconds, while the next one is unused, it
 * is traded for the same next one; any other second use ends the session. Undefined when the session has ended before.
 */
export async function rotateSession(
  queries: Queries,
  { sessionId, generation }: RefreshTokenPlace,
  days: number,
): Promise<Rotation | undefined> {
  return queries.one(rotateSessionRow, [sessionId, generation, days]);
}

const revokeSessionRow = statement<object>(
  "write",
  "revoke-session",
  `with revoked as (
     update sessions set revoked_at = now() where id = $1 and revoked_at is null returning id
   )
   select pg_notify('${revocationChannel}', id::text)::text as told from revoked`,
);

/** Ends a session, and tells all processes. One that has ended stays as it is. */
export async function revokeSession(queries: Queries, sessionId: string): Promise<void> {
  await queries.one(revokeSessionRow, [sessionId]);
}

const revokeSessionRows = statement<{ id: string }>(
  "pool",
  "revoke-sessions",
  // Sessions are swept by the next login of the same user. Who is gone has none, so theirs are swept by whoever goes next.
  `with dead as (
     delete from sessions
      where id in (
        select s.id from sessions s
         where s.revoked_at < now() - interval '2 days'
           and not exists (select from credentials c where c.user_id = s.user_id)
           for update skip locked
      )
   ), revoked as (
     update sessions set revoked_at = clock_timestamp() where user_id = $1 and revoked_at is null returning id
   )
   select id, pg_notify('${revocationChannel}', id::text)::text as told from revoked`,
);

/** Ends all sessions of a user whose credential was deleted, and tells all processes; answers which they were. */
export async function revokeSessions(queries: Queries, userId: number): Promise<string[]> {
  return (await queries.many(revokeSessionRows, [userId])).map(({ id }) => id);
}

const listRevokedRows = statement<{ id: string }>(
  "pool",
  "list-revoked-sessions",
  `select id from sessions where revoked_at > now() - make_interval(secs => $1) order by revoked_at`,
);

/** The sessions that were ended within the last `seconds`, the first ended first. */
export async function listRevoked(queries: Queries, seconds: number): Promise<{ id: string }[]> {
  return queries.many(listRevokedRows, [seconds]);
}
