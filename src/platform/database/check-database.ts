// Whether a real server will do: what a migration or a search would otherwise find out too late.
import type { Knex } from "knex";

export interface Finding {
  readonly ok: boolean;
  /** What was found, and when it is not well, what to do. */
  readonly sentence: string;
}

const oldest = 15;
const extensions = ["pg_trgm", "btree_gin"] as const;

interface Facts {
  version: string;
  version_number: number;
  encoding: string;
  database: string;
  account: string;
  cyrillic: boolean;
  may_create: boolean;
}

interface Extension {
  name: string;
  installed: boolean;
  trusted: boolean;
}

/** Looks at the database, without changing it. Fails when it cannot be asked. */
export async function checkDatabase(knex: Knex): Promise<Finding[]> {
  const { rows: facts } = await knex.raw<{ rows: Facts[] }>(`
    select current_setting('server_version') as version,
           current_setting('server_version_num')::int as version_number,
           current_setting('server_encoding') as encoding,
           current_database()::text as database,
           current_user::text as account,
           lower('Ж') = 'ж' as cyrillic,
           has_database_privilege(current_database(), 'CREATE') and has_schema_privilege(current_schema(), 'CREATE')
             as may_create`);
  const { rows: found } = await knex.raw<{ rows: Extension[] }>(
    `select name, bool_or(installed) as installed, bool_or(trusted or rolsuper) as trusted
       from pg_available_extension_versions, pg_roles
      where rolname = current_user and name = any(?)
      group by name`,
    [[...extensions]],
  );
  const fact = facts[0]!;
  return [
    version(fact),
    encoding(fact),
    letters(fact),
    rights(fact),
    ...extensions.map((name) => extension(name, found, fact)),
  ];
}

function version({ version, version_number }: Facts): Finding {
  const ok = version_number >= oldest * 10_000;
  return {
    ok,
    sentence: ok ? `Postgres is version ${version}.` : `Postgres is version ${version}: use ${oldest} or later.`,
  };
}

function encoding({ encoding, database }: Facts): Finding {
  const ok = encoding === "UTF8";
  if (ok) return { ok, sentence: "The encoding is UTF8." };
  return {
    ok,
    sentence: `The encoding of ${database} is ${encoding}: make it anew with ENCODING 'UTF8' TEMPLATE template0.`,
  };
}

function letters({ cyrillic, database }: Facts): Finding {
  if (cyrillic) return { ok: true, sentence: "The locale knows letters beyond Latin, so search finds them." };
  return {
    ok: false,
    sentence:
      `The locale of ${database} knows Latin letters alone, so no search finds "Жанна" by "жанна": ` +
      "make it anew with LOCALE 'C.UTF-8' TEMPLATE template0.",
  };
}

function rights({ may_create, account, database }: Facts): Finding {
  if (may_create) return { ok: true, sentence: `${account} may make tables.` };
  return { ok: false, sentence: `${account} may not make tables: make it the owner of ${database}.` };
}

function extension(name: string, found: readonly Extension[], { may_create, database }: Facts): Finding {
  const known = found.find((each) => each.name === name);
  if (known === undefined) {
    return {
      ok: false,
      sentence: `The extension ${name} is not there: install the package with Postgres's contrib modules.`,
    };
  }
  if (known.installed) return { ok: true, sentence: `The extension ${name} is installed.` };
  if (known.trusted && may_create) return { ok: true, sentence: `The extension ${name} can be installed.` };
  return {
    ok: false,
    sentence: `The extension ${name} is not installed: let an administrator run CREATE EXTENSION ${name} in ${database}.`,
  };
}
