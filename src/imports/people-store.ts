// The SQL of people as they are written into CSV files. Whoever may call sees all of it: teachers and super admins.
import type { Role } from "../gen/lyceum/v1/user.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";

/** Which people; what is undefined does not matter. */
export interface PeopleFilter {
  readonly role?: Role | undefined;
  readonly school_class?: number | undefined;
  readonly group_id?: number | undefined;
}

/** Somebody of an export. */
export interface ExportedPerson {
  readonly id: number;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly patronymic_name: string;
  readonly role: Role;
  readonly school_class?: number;
  /** The name of the group. */
  readonly group?: string;
}

const exportRows = statement<ExportedPerson>(
  "pool",
  "export-users",
  `select u.id, u.email, u.first_name, u.last_name, u.patronymic_name, u.role, u.school_class, g.name as "group"
     from users u left join groups g on g.id = u.group_id
    where u.id > $1 and u.deleted_at is null
      and ($2::text is null or u.role = $2) and ($3::integer is null or u.school_class = $3)
      and ($4::bigint is null or u.group_id = $4)
    order by u.id limit $5`,
);

/** A page of people, in the order of ids. `page.after` is an id. */
export async function listPeople(
  queries: Queries,
  { role, school_class, group_id }: PeopleFilter,
  { after = [0], limit }: KeysetPage,
): Promise<ExportedPerson[]> {
  return queries.many(exportRows, [after[0], role, school_class, group_id, limit]);
}

const invitedRows = statement<{ id: number }>(
  "pool",
  "list-invited-by-import",
  `select u.id from imported_users i join users u on u.id = i.user_id
    where i.import_id = $1 and u.id > $2 and u.invited_at is not null and u.deleted_at is null
    order by u.id limit $3`,
);

/** A page of the ids of those whom an import has made and who have not accepted yet. `page.after` is an id. */
export async function listInvitedBy(
  queries: Queries,
  importId: number,
  { after = [0], limit }: KeysetPage,
): Promise<number[]> {
  return (await queries.many(invitedRows, [importId, after[0], limit])).map(({ id }) => id);
}
