// The SQL of users whom other domains name by their ids.
import type { Caller } from "../call.js";
import type { User } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import { columns } from "./store.js";

const findUserRows = statement<User>(
  "read",
  "find-users",
  `select ${columns} from users u where u.id = any ($3::bigint[]) and u.deleted_at is null order by u.id`,
);

/** Users as the viewer may see them, in the order of their ids; without those that do not exist or whose accounts have ended. */
export async function findUsers(queries: Queries, viewer: Caller, ids: readonly number[]): Promise<User[]> {
  return queries.many(findUserRows, [viewer.id, viewer.role, ids]);
}
