// The SQL of recovery codes.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

const deleteCodeRows = statement<object>(
  "pool",
  "delete-recovery-codes",
  "delete from recovery_codes where user_id = $1",
);

/** Deletes the recovery codes of a user. */
export async function deleteRecoveryCodes(queries: Queries, userId: number): Promise<void> {
  await queries.many(deleteCodeRows, [userId]);
}

const insertCodeRows = statement<object>(
  "pool",
  "insert-recovery-codes",
  "insert into recovery_codes (user_id, code_hash) select $1, unnest($2::bytea[])",
);

/** Inserts recovery codes by their hashes. */
export async function insertRecoveryCodes(queries: Queries, userId: number, hashes: readonly Buffer[]): Promise<void> {
  await queries.many(insertCodeRows, [userId, hashes]);
}

const useCodeRow = statement<{ left: number }>(
  "pool",
  "use-recovery-code",
  // The count is of the moment before the statement.
  `with used as (delete from recovery_codes where user_id = $1 and code_hash = $2 returning user_id)
   select (select count(*) from recovery_codes where user_id = $1)::integer - 1 as left from used`,
);

/** Deletes a recovery code, and returns how many are left; undefined when there is none with this hash. Of concurrent calls one gets it. */
export async function useRecoveryCode(queries: Queries, userId: number, hash: Buffer): Promise<number | undefined> {
  return (await queries.one(useCodeRow, [userId, hash]))?.left;
}
