// Whether a server meets the requirements, before a migration or a search fails for the lack of one.
import type { Knex } from "knex";
import { durabilityRisks } from "./durability.js";

export interface Finding {
  readonly ok: boolean;
  /** Of what is not ok: whether it will do all the same. */
  readonly isWarning?: boolean;
  /** The finding, and for a fault what to do. */
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

/**
 * Examines the database, without changing it. That it may lose what it has acknowledged is a fault, or a warning where
 * `isUnsafeAllowed`. Fails when it cannot be reached.
 */
export async function checkDatabase(knex: Knex, isUnsafeAllowed: boolean): Promise<Finding[]> {
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
    ...durability(await durabilityRisks(knex), isUnsafeAllowed),
  ];
}

function durability(risks: readonly string[], isWarning: boolean): Finding[] {
  if (risks.length === 0)
    return [{ ok: true, sentence: "What is acknowledged survives a power failure, as far as the disk does." }];
  const advice = isWarning ? "" : ": turn it on, or set ALLOW_UNSAFE_DATABASE=true";
  return risks.map((risk) => ({ ok: false, isWarning, sentence: `${risk}${advice}.` }));
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
    sentence: `The encoding of ${database} is ${encoding}: create it again with ENCODING 'UTF8' TEMPLATE template0.`,
  };
}

function letters({ cyrillic, database }: Facts): Finding {
  if (cyrillic) return { ok: true, sentence: "The locale has letters beyond Latin, so that a search finds them." };
  return {
    ok: false,
    sentence:
      `The locale of ${database} has Latin letters alone, so that no search finds "Жанна" by "жанна": ` +
      "create it again with LOCALE 'C.UTF-8' TEMPLATE template0.",
  };
}

function rights({ may_create, account, database }: Facts): Finding {
  if (may_create) return { ok: true, sentence: `${account} may create tables.` };
  return { ok: false, sentence: `${account} may not create tables: make it the owner of ${database}.` };
}

function extension(name: string, found: readonly Extension[], { may_create, database }: Facts): Finding {
  const known = found.find((each) => each.name === name);
  if (known === undefined) {
    return {
      ok: false,
      sentence: `The extension ${name} is not available: install the package with Postgres's contrib modules.`,
    };
  }
  if (known.installed) return { ok: true, sentence: `The extension ${name} is installed.` };
  if (known.trusted && may_create) return { ok: true, sentence: `The extension ${name} can be installed.` };
  return {
    ok: false,
    sentence: `The extension ${name} is not installed: let an administrator run CREATE EXTENSION ${name} in ${database}.`,
  };
}
