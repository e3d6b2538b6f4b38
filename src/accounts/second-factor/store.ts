// The SQL of authenticator apps: secrets that wait for their first code, and those that are enabled. Each decision about a code is
// taken while the row of its secret is locked, so that of concurrent calls one wins.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const upsertEnrolmentRow = statement<{ expires_at: string }>(
  "pool",
  "upsert-totp-enrolment",
  `insert into totp_enrolments (user_id, secret, expires_at) values ($1, $2, now() + make_interval(secs => $3))
   on conflict (user_id) do update set secret = excluded.secret, expires_at = excluded.expires_at
   returning expires_at`,
);

/** Stores the secret that a user begins with, in place of an earlier one; returns when it expires. */
export async function upsertEnrolment(
  queries: Queries,
  userId: number,
  secret: Buffer,
  seconds: number,
): Promise<string> {
  return (await queries.one(upsertEnrolmentRow, [userId, secret, seconds]))!.expires_at;
}

const lockEnrolmentRow = statement<{ secret: Buffer }>(
  "pool",
  "lock-totp-enrolment",
  "select secret from totp_enrolments where user_id = $1 and expires_at > now() for update",
);

/** The secret that waits for its first code, locked until the transaction ends; undefined when there is none. */
export async function lockEnrolment(queries: Queries, userId: number): Promise<Buffer | undefined> {
  return (await queries.one(lockEnrolmentRow, [userId]))?.secret;
}

const enableFactorRow = statement<object>(
  "pool",
  "enable-totp-factor",
  `with begun as (delete from totp_enrolments where user_id = $1 returning user_id, secret)
   insert into totp_factors (user_id, secret, last_step) select user_id, secret, $2 from begun
   on conflict (user_id) do update
     set secret = excluded.secret, last_step = excluded.last_step, confirmed_at = now(), failures = 0, retry_at = null`,
);

/** Enables the secret that a user has begun with, in place of the enabled one. `step` is that of the code that confirms it. */
export async function enableFactor(queries: Queries, userId: number, step: number): Promise<void> {
  await queries.one(enableFactorRow, [userId, step]);
}

/** The enabled second factor of a user, as GetTotp shows it. */
export interface FactorState {
  readonly confirmed_at: string;
  readonly recovery_codes_left: number;
}

const findFactorRow = statement<FactorState>(
  "read",
  "find-totp-factor",
  `select confirmed_at, (select count(*) from recovery_codes r where r.user_id = f.user_id)::integer as recovery_codes_left
     from totp_factors f where user_id = $1`,
);

/** The enabled second factor of a user; undefined when there is none. */
export async function findFactor(queries: Queries, userId: number): Promise<FactorState | undefined> {
  return queries.one(findFactorRow, [userId]);
}

const findAnyFactor = statement<object>(
  "read",
  "find-any-second-factor",
  `select user_id from totp_factors where user_id = $1 union all select user_id from passkeys where user_id = $1 limit 1`,
);

/** Whether a user has an authenticator app or a passkey. */
export async function hasAnyFactor(queries: Queries, userId: number): Promise<boolean> {
  return (await queries.one(findAnyFactor, [userId])) !== undefined;
}

const deletePasskeyRows = statement<object>(
  "pool",
  "delete-passkeys-of-user",
  "delete from passkeys where user_id = $1",
);

/** Deletes the passkeys of a user. */
export async function deletePasskeys(queries: Queries, userId: number): Promise<void> {
  await queries.many(deletePasskeyRows, [userId]);
}

/** An enabled second factor that is locked. */
export interface LockedFactor {
  readonly secret: Buffer;
  readonly last_step: number;
  /** How long the next code has to wait, in seconds; 0 or less for not at all. */
  readonly wait_seconds: number;
}

const lockFactorRow = statement<LockedFactor>(
  "pool",
  "lock-totp-factor",
  `select secret, last_step,
          coalesce(ceil(extract(epoch from retry_at - clock_timestamp())), 0)::integer as wait_seconds
     from totp_factors where user_id = $1 for update`,
);

/** The enabled second factor of a user, locked until the transaction ends; undefined when there is none. */
export async function lockFactor(queries: Queries, userId: number): Promise<LockedFactor | undefined> {
  return queries.one(lockFactorRow, [userId]);
}

const takeStepRow = statement<{ user_id: number }>(
  "pool",
  "take-totp-step",
  `update totp_factors set last_step = $2, failures = 0, retry_at = null where user_id = $1 and last_step < $2
   returning user_id`,
);

/** Uses the code of a step up; false when it or a later one was used before. */
export async function takeStep(queries: Queries, userId: number, step: number): Promise<boolean> {
  return (await queries.one(takeStepRow, [userId, step])) !== undefined;
}

/** How long a wrong code keeps the next ones waiting. */
export interface FailureWaits {
  /** So many wrong codes keep nobody waiting. */
  readonly free: number;
  /** The wait after the next one, in seconds; it doubles with each further one. */
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

const countFailureRow = statement<object>(
  "pool",
  "count-totp-failure",
  `update totp_factors
      set failures = failures + 1,
          retry_at = case when failures >= $2 then
            clock_timestamp() + make_interval(secs => least($4, $3 * 2.0 ^ least(failures - $2, 30))) end
    where user_id = $1`,
);

/** Counts a wrong code, and makes the next ones wait where there were many. */
export async function countFailure(queries: Queries, userId: number, waits: FailureWaits): Promise<void> {
  await queries.one(countFailureRow, [userId, waits.free, waits.firstSeconds, waits.longestSeconds]);
}

const deleteFactorRows = statement<{ user_id: number }>(
  "pool",
  "delete-totp-factor",
  `with begun as (delete from totp_enrolments where user_id = $1)
   delete from totp_factors where user_id = $1 returning user_id`,
);

/** Deletes the secrets of a user, the enabled one and the one that waits; returns whether one was enabled. */
export async function deleteFactor(queries: Queries, userId: number): Promise<boolean> {
  return (await queries.one(deleteFactorRows, [userId])) !== undefined;
}

const deleteExpiredRows = statement<{ user_id: number }>(
  "pool",
  "delete-expired-totp-enrolments",
  `delete from totp_enrolments
    where user_id = any (array(
      select user_id from totp_enrolments where expires_at < now() limit $1 for update skip locked
    ))
   returning user_id`,
);

/** Deletes up to `limit` secrets that were never confirmed; returns how many. */
export async function deleteExpiredEnrolments(queries: Queries, limit: number): Promise<number> {
  return (await queries.many(deleteExpiredRows, [limit])).length;
}
