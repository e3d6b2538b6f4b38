// The SQL of decisions: each is one statement that takes effect for the first of those who try, and for no other.
import type { Versions } from "../contract/http/preconditions.js";
import type { Achievement } from "../gen/lyceum/v1/achievement.js";
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import { columns, type Viewer } from "./store.js";

/** SQL for a decision by the user $1 with the role $2 about achievement $3 in one of the versions $4 and $5, with the value $6. */
const decision = (name: string, from: string, change: string): Statement<Achievement> =>
  statement<Achievement>(
    "pool",
    name,
    `with a as (
       update achievements set ${change}, version = version + 1
        where id = $3 and state = 'ACHIEVEMENT_STATE_${from}' and user_id <> $1::bigint
          and (version = any($4::bigint[])) <> $5::boolean
       returning *
     )
     select ${columns} from a`,
  );

const statements = {
  accept: decision(
    "accept-achievement",
    "PENDING",
    "state = 'ACHIEVEMENT_STATE_ACCEPTED', points = $6, moderator_id = $1, moderated_at = now()",
  ),
  reject: decision(
    "reject-achievement",
    "PENDING",
    "state = 'ACHIEVEMENT_STATE_REJECTED', reason = $6, moderator_id = $1, moderated_at = now()",
  ),
  revoke: decision(
    "revoke-achievement",
    "ACCEPTED",
    "state = 'ACHIEVEMENT_STATE_REVOKED', reason = $6, revoked_by_id = $1, revoked_at = now()",
  ),
};

export type Act = keyof typeof statements;

/**
 * Decides about an achievement: `value` is the points, or the reason. Undefined when it is decided already (or, for a revocation, is not
 * accepted), is the moderator's own, is not in one of the `versions`, or does not exist.
 */
export async function decide(
  queries: Queries,
  act: Act,
  moderator: Viewer,
  id: number,
  { named, areExcluded }: Versions,
  value: number | string,
): Promise<Achievement | undefined> {
  return queries.one(statements[act], [moderator.id, moderator.role, id, named, areExcluded, value]);
}
