// The SQL of obligations: since when a user needs a second factor.
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

/** Until when a user may be without a second factor. */
export interface Obligation {
  readonly due_at: string;
  readonly is_overdue: boolean;
}

const dueColumns = `o.began_at + make_interval(days => $2) as due_at, o.began_at + make_interval(days => $2) < now() as is_overdue`;

const beginObligationRow = statement<Obligation>(
  "write",
  "begin-mfa-obligation",
  // Whoever has lost the role and has it again begins anew.
  `insert into mfa_obligations as o (user_id) values ($1)
   on conflict (user_id) do update
     set began_at = greatest(o.began_at, (select role_changed_at from users where id = o.user_id))
   returning ${dueColumns}`,
);

/** Begins the obligation of a user, unless it has begun; returns when its `days` are over. */
export async function beginObligation(queries: Queries, userId: number, days: number): Promise<Obligation> {
  return (await queries.one(beginObligationRow, [userId, days]))!;
}

const findObligationRow = statement<Obligation>(
  "read",
  "find-mfa-obligation",
  `select ${dueColumns} from mfa_obligations o where o.user_id = $1`,
);

/** The obligation of a user; undefined when it has not begun. */
export async function findObligation(queries: Queries, userId: number, days: number): Promise<Obligation | undefined> {
  return queries.one(findObligationRow, [userId, days]);
}

const deleteObligationRow = statement<object>(
  "pool",
  "delete-mfa-obligation",
  "delete from mfa_obligations where user_id = $1",
);

/** Deletes the obligation of a user: when it begins again, it has all its days. */
export async function deleteObligation(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteObligationRow, [userId]);
}
