// The SQL of a change of a person, in one statement. The person is locked by lockUsersToChange.
import type { Role } from "../../gen/lyceum/v1/user.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";

/** What to change of a user. What is absent stays; an empty text, an empty list and 0 clear. Links are in their one spelling. */
export interface UserChange {
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly patronymic_name?: string | undefined;
  readonly role?: Role | undefined;
  readonly nick?: string | undefined;
  readonly school_class?: number | undefined;
  /** A file that is claimed for it. */
  readonly avatar_file_id?: number | undefined;
  readonly about?: string | undefined;
  readonly telegram?: string | undefined;
  readonly github?: string | undefined;
  readonly stepik?: string | undefined;
  readonly kaggle?: string | undefined;
  readonly website?: string | undefined;
  readonly tech_stack?: readonly string[] | undefined;
}

/** What the change was, by kind. */
export interface WhatChanged {
  readonly is_renamed: boolean;
  readonly has_new_role: boolean;
  readonly has_new_class: boolean;
  /** The nick, the avatar or the profile. */
  readonly is_edited: boolean;
}

/** The columns of each kind. */
const kinds: Readonly<Record<keyof WhatChanged, readonly (keyof UserChange)[]>> = {
  is_renamed: ["first_name", "last_name", "patronymic_name"],
  has_new_role: ["role"],
  has_new_class: ["school_class"],
  is_edited: ["nick", "avatar_file_id", "about", "telegram", "github", "stepik", "kaggle", "website", "tech_stack"],
};

/** SQL types of those that are no text. */
const types: Partial<Record<keyof UserChange, string>> = {
  school_class: "smallint",
  avatar_file_id: "bigint",
  tech_stack: "text[]",
};

/** The columns that are null when they are cleared, and the value that clears them. */
const clearedBy: Partial<Record<keyof UserChange, string>> = {
  nick: "''",
  school_class: "0",
  avatar_file_id: "0",
  telegram: "''",
  github: "''",
  stepik: "''",
  kaggle: "''",
  website: "''",
};

const fields = Object.values(kinds).flat();

/** The value of a field after the change; its parameter is null when it is not to change. */
const next = fields.map((field, at) => {
  const sent = `$${at + 2}::${types[field] ?? "text"}`;
  const value = clearedBy[field] === undefined ? sent : `nullif(${sent}, ${clearedBy[field]})`;
  return `case when ${sent} is null then ${field} else ${value} end as ${field}`;
});

const row = (of: string, columns: readonly string[]): string =>
  `(${columns.map((column) => `${of}.${column}`).join(", ")})`;
const differs = (columns: readonly string[]): string =>
  `row${row("before", columns)} is distinct from row${row("after", columns)}`;

const updateUserRow = statement<WhatChanged>(
  "pool",
  "update-user",
  `with before as materialized (select id, ${fields.join(", ")} from users where id = $1),
        after as materialized (select ${next.join(", ")} from before)
   update users u
      set (${fields.join(", ")}) = row${row("after", fields)}, version = u.version + 1
     from before, after
    where u.id = before.id and ${differs(fields)}
   returning ${Object.entries(kinds).map(([kind, columns]) => `${differs(columns)} as ${kind}`)}`,
);

/**
 * Changes a user, and returns what was changed; undefined when all is so already, and then the version stays. Fails on the unique
 * index of the nick or of a link that another user has.
 */
export async function updateUser(queries: Queries, id: number, change: UserChange): Promise<WhatChanged | undefined> {
  return queries.one(updateUserRow, [id, ...fields.map((field) => change[field])]);
}
