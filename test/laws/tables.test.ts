// A table has one owner: one folder of src/ writes it, however the SQL is put together.
import { declareLaw } from "./tree/declare-law.js";
import { roomOf, scripts, type SourceTree } from "./tree/source-tree.js";
import { textsOf, unknownPart } from "./tree/syntax.js";

const name = `(?:only\\s+)?(?:"?public"?\\.)?"?([a-z_][a-z0-9_]*|${unknownPart})"?`;

// In `for update` and `do update set` no table follows the word.
const writing = new RegExp(
  [
    `\\binsert\\s+into\\s+${name}`,
    `(?<!\\b(?:for|key|do)\\s+)\\bupdate\\s+${name}`,
    `\\bdelete\\s+from\\s+${name}`,
    `\\bmerge\\s+into\\s+${name}`,
    `\\bcopy\\s+${name}[^;]*?\\bfrom\\b`,
    `\\b(?:alter|drop)\\s+table\\s+(?:if\\s+exists\\s+)?${name}`,
  ].join("|"),
  "gi",
);
const truncating = /\btruncate\s+(?:table\s+)?([^;]+)/gi;

/** The tables that a text of SQL writes; `unknownPart` for a name that is only known at run time. */
function written(text: string): string[] {
  const sql = text.replaceAll(/\/\*[^]*?\*\/|--.*/g, " ");
  const single = [...sql.matchAll(writing)].map((match) => match.slice(1).find((part) => part !== undefined)!);
  const many = [...sql.matchAll(truncating)].flatMap(([, list]) => list!.match(new RegExp(name, "gi")) ?? []);
  return [...single, ...many.map((table) => table.replaceAll('"', ""))].map((table) => table.toLowerCase());
}

/** Each table that the migrations create. */
function tablesOf(tree: SourceTree): ReadonlySet<string> {
  const made = scripts(tree, "migrations").flatMap((path) =>
    [...tree.get(path)!.matchAll(/\bcreate table (?:if not exists )?"?([a-z_][a-z0-9_]*)/gi)].map((match) => match[1]!),
  );
  return new Set(made);
}

/** The files that write each table, by the table's name. */
function writersOf(tree: SourceTree): Map<string, string[]> {
  const writers = new Map<string, string[]>();
  const tables = tablesOf(tree);
  for (const path of scripts(tree, "src"))
    for (const table of new Set(textsOf(tree, path).flatMap(written)))
      if (tables.has(table)) writers.set(table, [...(writers.get(table) ?? []), path]);
  return writers;
}

const users = {
  "migrations/20261101000000_users.ts": "`create table users (id bigint); create table sessions (id uuid)`",
};
const store = 'statement("write", "update-user", "update users set role = $1");';

declareLaw(
  "a table has one owner",
  (tree) =>
    [...writersOf(tree)]
      .filter(([, paths]) => new Set(paths.map(roomOf)).size > 1)
      .map(([table, paths]) => `${table} is written in ${paths.join(" and ")}`),
  {
    broken: {
      "a write in single quotes": {
        files: {
          ...users,
          "src/users/store.ts": store,
          "src/chats/store.ts": "const s = 'delete from users where id = $1';",
        },
        finds: ["users is written in src/chats/store.ts and src/users/store.ts"],
      },
      "a write in a template, over several lines, with a name in quotes": {
        files: {
          ...users,
          "src/users/store.ts": store,
          "src/chats/store.ts": 'const s = `with x as (\n INSERT INTO\n  public."users" (id) values (${y})) select`;',
        },
        finds: ["users is written in src/chats/store.ts and src/users/store.ts"],
      },
      "a write that is put together from pieces": {
        files: {
          ...users,
          "src/users/store.ts": store,
          "src/chats/store.ts": 'const table = "users"; const s = "upd" + "ate " + table + " set version = 1";',
          "src/files/store.ts": 'const s = ["delete from", "users"].join(" ") + where;',
          "src/medals/store.ts": 'const s = "delete from ".concat("users", where);',
          "src/posts/store.ts": 'const verb = "delete from"; const s = `${verb} /* all */ users ${where}`;',
        },
        finds: [
          "users is written in src/chats/store.ts and src/files/store.ts and src/medals/store.ts and src/posts/store.ts and src/users/store.ts",
        ],
      },
      "merge, truncate, copy and drop": {
        files: {
          ...users,
          "src/users/store.ts": 'const a = "merge into users u using x on true when matched then do nothing";',
          "src/chats/store.ts": 'const b = "truncate table sessions, users";',
          "src/platform/load.ts": 'const c = "copy sessions (id) from stdin"; const d = "drop table if exists users";',
        },
        finds: [
          "users is written in src/chats/store.ts and src/platform/load.ts and src/users/store.ts",
          "sessions is written in src/chats/store.ts and src/platform/load.ts",
        ],
      },
    },
    kept: {
      "two stores of one folder, and others that read, lock, and speak of it": {
        ...users,
        "src/users/store.ts": store,
        "src/users/restore/store.ts": store,
        "src/chats/store.ts":
          '// update users set x = 1\nconst a = "select id from users for no key update"; const b = `select from users for update skip locked`;',
        "src/files/store.ts":
          'const c = "insert into files (id) values (1) on conflict (id) do update set id = 2"; const d = "update userspace";',
      },
    },
  },
);

declareLaw(
  "a domain writes no table whose name is only known at run time",
  (tree) =>
    scripts(tree, "src")
      .filter((path) => !path.startsWith("src/platform/"))
      .filter((path) => textsOf(tree, path).some((text) => written(text).includes(unknownPart)))
      .map((path) => `${path} writes a table whose name is only known at run time`),
  {
    broken: {
      "a table that comes as a parameter": {
        files: { "src/chats/store.ts": "const sweep = (table: string) => `delete from ${table} where is_old`;" },
        finds: ["src/chats/store.ts writes a table whose name is only known at run time"],
      },
    },
    kept: {
      "the platform, which knows no table, and a fragment that it exports": {
        "src/platform/migrations/migrations.ts": "const drop = (table: string) => `drop table ${table}`;",
        "src/chats/store.ts": "const s = `with u as (${insertUpdate}) insert into chats (title) values (${title})`;",
      },
    },
  },
);
