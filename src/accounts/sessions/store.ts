// The SQL of sessions. Each decision about a session is one statement, so that concurrent calls agree on its result.
import type { Caller } from "../../call.js";
import type { Role, User } from "../../gen/lyceum/v1/user.js";
import { type AuditedCall, auditValues } from "../../platform/audit/audit.js";
import { auditInsert } from "../../platform/audit/audit-store.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import type { RefreshTokenPlace } from "./refresh-tokens.js";

/** The channel on which all processes are notified of the id of each session that is revoked. */
export const revocationChannel = "session_revoked";

/** The channel on which a trigger notifies all processes of the id and the new role of a user, with a blank between them. */
export const roleChannel = "role_changed";

/** A session that has begun, and the role of its user at that moment. */
export interface NewSession {
  /** As tokens have it. */
  readonly id: string;
  /** As clients and the audit have it. */
  readonly number: number;
  readonly role: Role;
}

/** The device of a session. */
export interface SessionDevice {
  /** As the client calls it; empty for none. */
  readonly deviceName: string;
  readonly userAgent: string;
  readonly address: string;
}

const insertSessionRow = statement<NewSession>(
  "pool",
  "insert-session",
  `insert into sessions (user_id, expires_at, device_name, user_agent, address)
   select c.user_id, now() + make_interval(days => $2), $3, $4, $5
     from credentials c join users u on u.id = c.user_id
    where c.user_id = $1 and u.suspended_at is null and ($6::int is null or c.generation = $6)
   returning id, number, (select role from users where id = user_id) as role`,
);

const findSuspended = statement<object>(
  "read",
  "find-suspended-user",
  "select from users where id = $1 and suspended_at is not null",
);

/** Whether a user is suspended. */
export async function isSuspended(queries: Queries, userId: number): Promise<boolean> {
  return (await queries.one(findSuspended, [userId])) !== undefined;
}

/**
 * Inserts a session that expires after `days`, of a user whose credential is held. Its first refresh token has generation 1.
 * Undefined when the user is suspended, has no credential, or has no password of the generation `passwordGeneration` where that is given.
 */
export async function insertSession(
  queries: Queries,
  userId: number,
  days: number,
  { deviceName, userAgent, address }: SessionDevice,
  passwordGeneration?: number,
): Promise<NewSession | undefined> {
  return queries.one(insertSessionRow, [userId, days, deviceName, userAgent, address, passwordGeneration]);
}

/** How long a session lives. */
export interface SessionLifetime {
  /** Without a refresh, in days. */
  readonly refreshTokenDays: number;
  /** From its login on, however often it is refreshed, in days. */
  readonly sessionDays: number;
}

/** The result of using a refresh token: the generation of the next token, or the revocation of the session. */
export interface Rotation {
  readonly user_id: number;
  readonly role: Role;
  readonly generation: number;
  readonly is_revoked: boolean;
}

const rotateSessionRow = statement<Rotation>(
  "write",
  "rotate-session",
  // Concurrent calls with the same token are serialized by the row lock, and each evaluates the row as the call before
  // has left it: the first makes the next token, the others get the same one. That one is unused as long as it is the
  // newest.
  `with rotated as (
     update sessions s
        set generation = case when s.generation = $2 then s.generation + 1 else s.generation end,
            rotated_at = case when s.generation = $2 then clock_timestamp() else s.rotated_at end,
            expires_at = case when s.generation = $2 then least(now() + make_interval(days => $3), s.created_at + make_interval(days => $12))
                              else s.expires_at end,
            revoked_at = case
              when s.generation = $2 then null
              when s.generation = $2 + 1 and s.rotated_at > clock_timestamp() - interval '30 seconds' then null
              else now()
            end
       from users u
      where s.id = $1 and u.id = s.user_id and s.revoked_at is null and s.expires_at > now()
     returning s.id, s.number, s.user_id, u.role, s.generation, s.revoked_at is not null as is_revoked
   ), recorded as (
     ${auditInsert("rotated where is_revoked", 4, { actorId: "user_id", targetId: "number" })}
   )
   select user_id, role, generation, is_revoked,
          case when is_revoked then pg_notify('${revocationChannel}', id::text)::text end as told
     from rotated`,
);

/**
 * Exchanges the refresh token of a place for the next one. The same token used again within 30 seconds, while the next
 * one is unused, gives the same next one; any other second use revokes the session, which is recorded. Undefined when the session has
 * expired or was revoked before.
 */
export async function rotateSession(
  queries: Queries,
  { sessionId, generation }: RefreshTokenPlace,
  { refreshTokenDays, sessionDays }: SessionLifetime,
  call: AuditedCall,
): Promise<Rotation | undefined> {
  const replay = auditValues(call, {
    action: "session.end_by_replay",
    outcome: "failure",
    target: ["session", ""],
  });
  return queries.one(rotateSessionRow, [sessionId, generation, refreshTokenDays, ...replay, sessionDays]);
}

const revokeSessionRow = statement<object>(
  "write",
  "revoke-session",
  `with revoked as (
     update sessions set revoked_at = now() where id = $1 and revoked_at is null returning id, number
   ), recorded as (
     ${auditInsert("revoked", 2, { targetId: "number" })}
   )
   select pg_notify('${revocationChannel}', id::text)::text as told from revoked`,
);

/** Revokes a session, records it and notifies all processes. Does nothing to a session that is revoked already. */
export async function revokeSession(queries: Queries, sessionId: string, call: AuditedCall): Promise<void> {
  const end = auditValues(call, { action: "session.end", target: ["session", ""] });
  await queries.one(revokeSessionRow, [sessionId, ...end]);
}

const revokeSessionRows = statement<{ id: string }>(
  "pool",
  "revoke-sessions",
  `with revoked as (
     update sessions set revoked_at = clock_timestamp()
      where user_id = $1 and revoked_at is null and id is distinct from $2 returning id
   )
   select id, pg_notify('${revocationChannel}', id::text)::text as told from revoked`,
);

/** Revokes all sessions of a user, except one where that is given, and notifies all processes; returns their ids. */
export async function revokeSessions(queries: Queries, userId: number, except?: string): Promise<string[]> {
  return (await queries.many(revokeSessionRows, [userId, except])).map(({ id }) => id);
}

const listRevokedRows = statement<{ id: string }>(
  "pool",
  "list-revoked-sessions",
  `select id from sessions where revoked_at > now() - make_interval(secs => $1) order by revoked_at`,
);

/** The ids of the sessions that were revoked within the last `seconds`, in the order of their revocation. */
export async function listRevoked(queries: Queries, seconds: number): Promise<string[]> {
  return (await queries.many(listRevokedRows, [seconds])).map(({ id }) => id);
}

const listChangedRoleRows = statement<Pick<User, "id" | "role">>(
  "pool",
  "list-changed-roles",
  `select id, role from users where role_changed_at > now() - make_interval(secs => $1) order by role_changed_at`,
);

/** The users whose role was changed within the last `seconds`, and the roles that they have now. */
export async function listChangedRoles(queries: Queries, seconds: number): Promise<Pick<User, "id" | "role">[]> {
  return queries.many(listChangedRoleRows, [seconds]);
}

const findLiveSession = statement<object>(
  "read",
  "find-live-session",
  `select from sessions s join users u on u.id = s.user_id
    where s.id = $1 and s.revoked_at is null and u.id = $2 and u.role = $3`,
);

/** Whether the caller's session is not revoked, and the role is still the user's. */
export async function isLive(queries: Queries, { id, role, sessionId }: Caller): Promise<boolean> {
  return (await queries.one(findLiveSession, [sessionId, id, role])) !== undefined;
}

const deleteDeadSessionRows = statement<{ id: string }>(
  "pool",
  "delete-dead-sessions",
  // Two days are longer than any access token is valid: until then a process that starts must be able to load the
  // revocation. Reads the whole table, without an index: one on expires_at would have to be written by every refresh.
  `delete from sessions
    where id = any (array(
      select id from sessions
       where coalesce(revoked_at, expires_at) < now() - interval '2 days'
       limit $1
         for update skip locked
    ))
   returning id`,
);

/** Deletes up to `limit` sessions that were revoked or have expired two days ago or earlier; returns how many. */
export async function deleteDeadSessions(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteDeadSessionRows, [limit])).length;
}
