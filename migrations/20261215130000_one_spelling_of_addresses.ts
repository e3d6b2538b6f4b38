// Brings addresses with letters beyond ASCII, and with a domain written as xn--, to the spelling in which they are compared.
// An account keeps its own where another one has that spelling already. There is nothing to take back.
import { domainToUnicode } from "node:url";
import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  const { rows } = await knex.raw<{ rows: { id: string; email: string }[] }>(
    String.raw`select id, email from users where email ~ '[^\u0001-\u007f]' or email ilike '%xn--%' order by id`,
  );
  for (const { id, email } of rows) {
    const lower = email.normalize("NFC").toLowerCase().normalize("NFC");
    const at = lower.lastIndexOf("@") + 1;
    const spelled = lower.slice(0, at) + (domainToUnicode(lower.slice(at)) || lower.slice(at));
    await knex.raw(
      "update users set email = ? where id = ? and not exists (select from users where lower(email) = lower(?) and id <> ?)",
      [spelled, id, spelled, id],
    );
  }
}

export async function down(): Promise<void> {}
