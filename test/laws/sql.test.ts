// SQL stands in stores, in src/platform/ and in migrations; no other file imports a client of Postgres.
import { declareLaw } from "./tree/declare-law.js";
import { nameOf, scripts, type SourceTree } from "./tree/source-tree.js";
import { specifiersOf, textsOf } from "./tree/syntax.js";

/** Patterns of SQL that match no other text of src/. */
const sql = [
  /^\s*(?:select|SELECT)\s/,
  /\bselect\b[^]*\bfrom\b/i,
  /\binsert\s+into\s+\S/i,
  /\bupdate\s+\S+\s+(?:(?:as\s+)?\w+\s+)?set\b/i,
  /\bdelete\s+from\s+\S/i,
  /\bmerge\s+into\s+\S/i,
  /\btruncate\s+\S/i,
  /\bwith\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s+(?:not\s+)?(?:materialized\s*)?\(/i,
  /\b(?:create|alter|drop)\s+(?:unlogged\s+|temporary\s+|unique\s+)?(?:table|index|view|type|function|extension|sequence|trigger)\s/i,
  /\b(?:where|and|or|on|having|limit|offset|values)\b[^]*\$\d/i,
  /^\s*order\s+by\s+\S/i,
  /\block\s+table\s/i,
  /\bpg_\w+\s*\(/i,
];

function withoutStores(tree: SourceTree): string[] {
  return scripts(tree, "src").filter(
    (path) => !path.startsWith("src/platform/") && !/(^|-)store\.ts$/.test(nameOf(path)),
  );
}

declareLaw(
  "SQL stands in stores, in the platform and in migrations",
  (tree) =>
    withoutStores(tree)
      .filter((path) => textsOf(tree, path).some((text) => sql.some((pattern) => pattern.test(text))))
      .map((path) => `${path} has SQL`),
  {
    broken: {
      "each way of quoting": {
        files: {
          "src/chats/a.ts": "const s = `select 1`;",
          "src/chats/b.ts": 'const s = "SELECT id FROM chats";',
          "src/chats/c.ts": "const s = 'delete from chats';",
          "src/chats/d.ts": 'const s = "insert " + "into" + ` chats (id) values (${id})`;',
          "src/chats/e.ts": "const s = sql`update chats c set title = ${title}`;",
          "src/policy/f.ts": "const s = `\n  with x as (\n select 1) table x`;",
          "src/services.ts": 'const s = ["truncate", "chats"].join(" ");',
        },
        finds: ["a", "b", "c", "d", "e"]
          .map((name) => `src/chats/${name}.ts has SQL`)
          .concat("src/policy/f.ts has SQL", "src/services.ts has SQL"),
      },
      "a fragment": {
        files: {
          "src/chats/members/a.ts": 'const s = "where c.chat_id = $1";',
          "src/chats/members/b.ts": "const s = `order by ${column}`;",
          "src/chats/members/c.ts": 'const s = "and m.seq > $2 limit $3";',
          "src/restore.ts": 'const s = "select pg_notify($1, $2)";',
        },
        finds: ["a", "b", "c"].map((name) => `src/chats/members/${name}.ts has SQL`).concat("src/restore.ts has SQL"),
      },
    },
    kept: {
      "stores, the platform, migrations, and sentences for people": {
        "src/chats/store.ts": 'const s = "select 1";',
        "src/chats/messages/listing-store.ts": 'const s = "select 1";',
        "src/platform/page.ts": 'const s = "select 1";',
        "migrations/20261101000000_users.ts": "knex.schema.raw(`create table users ()`)",
        "src/chats/handlers.ts":
          '// select id from chats\nconst a = "User with id=1 is not a member of chat with id=2"; const b = "DELETE"; const c = "where it is, and from when";',
      },
    },
  },
);

const clients = /^(?:pg|pg-.+|knex|postgres)$/;

declareLaw(
  "the platform alone knows the clients of Postgres, and stores alone make statements",
  (tree) =>
    withoutStores(tree).flatMap((path) =>
      specifiersOf(tree, path)
        .filter((specifier) => clients.test(specifier) || specifier.endsWith("/database/statement.js"))
        .map((specifier) => `${path} imports ${specifier}`),
    ),
  {
    broken: {
      "a handler with a query builder, and one that makes a statement": {
        files: {
          "src/chats/handlers.ts": 'import knex from "knex";',
          "src/policy/limits.ts": 'import { statement } from "../platform/database/statement.js";',
        },
        finds: ["src/chats/handlers.ts imports knex", "src/policy/limits.ts imports ../platform/database/statement.js"],
      },
    },
    kept: {
      "the platform, and a store": {
        "src/platform/database/pool.ts": 'import knex from "knex"; import pg from "pg";',
        "src/chats/members/store.ts": 'import { statement } from "../../platform/database/statement.js";',
      },
    },
  },
);

/** The texts between the parentheses of `in (select ...)`, those within them too. */
function joinedQueries(text: string): string[] {
  return [...text.matchAll(/\bin\s*\((?=\s*select\b)/gi)].map(({ index, 0: opening }) => {
    const rest = text.slice(index + opening.length);
    let depth = 1;
    const end = [...rest].findIndex((sign) => (depth += sign === "(" ? 1 : sign === ")" ? -1 : 0) === 0);
    return end < 0 ? rest : rest.slice(0, end);
  });
}

declareLaw(
  // By statistics of a minute ago, Postgres may take a batch for a row and run the query again for each row of the table: a batch of 2,000
  // took 12 s, and the limit is then no limit.
  "a query with a limit is run once, as an array: `= any (array(select ... limit ...))`",
  (tree) =>
    scripts(tree, "src")
      .filter((path) =>
        textsOf(tree, path).some((text) => joinedQueries(text).some((query) => /\blimit\b/i.test(query))),
      )
      .map((path) => `${path} joins a query with a limit`),
  {
    broken: {
      "a batch": {
        files: {
          "src/files/store.ts":
            "const s = `delete from files where id in (\n select id from files where (a = 1) limit $1 for update skip locked)`;",
        },
        finds: ["src/files/store.ts joins a query with a limit"],
      },
    },
    kept: {
      "an array, and a limit of the statement itself": {
        "src/files/store.ts":
          'const s = "delete from files where id = any (array(select id from files limit $1))"; const t = "select id from files where id in (select file_id from uses where (a = 1)) limit $1";',
      },
    },
  },
);

const protocol = "src/platform/database/protocol/";

declareLaw(
  "the folder of Postgres's protocol alone imports pg, so that it can be replaced there",
  (tree) =>
    scripts(tree, "src", "migrations")
      .filter((path) => !path.startsWith(protocol))
      .flatMap((path) =>
        specifiersOf(tree, path)
          .filter((specifier) => /^pg(?:-.+)?$/.test(specifier))
          .map((specifier) => `${path} imports ${specifier}`),
      ),
  {
    broken: {
      "the pool, and the embedded server": {
        files: {
          "src/platform/database/pool.ts": 'import type { ClientConfig } from "pg";',
          "src/platform/embedded/postgres-process.ts": 'const { parse } = await import("pg-connection-string");',
        },
        finds: [
          "src/platform/database/pool.ts imports pg",
          "src/platform/embedded/postgres-process.ts imports pg-connection-string",
        ],
      },
    },
    kept: {
      "the protocol, and those who use it": {
        "src/platform/database/protocol/open-connection.ts": 'import pg from "pg";',
        "src/platform/database/pool.ts": 'import { open } from "./protocol/open-connection.js"; // pg',
      },
    },
  },
);
