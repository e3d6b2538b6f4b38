// Finds names and titles however they are spelled: with any apostrophe and hyphen, and with or without accents. The column
// name_key is read by nothing any more; it stays, since no step back could put it into its place again.
import type { Knex } from "knex";

const apostrophes = String.raw`\u0027\u0060\u00b4\u02b9-\u02bf\u02c8\u2018-\u201b\u2032\u2035\uff07`;
/** Accents of Latin, Cyrillic, Greek, Hebrew and Arabic letters, and characters that are not seen. */
const marks =
  String.raw`\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061c\u0640\u064b-\u065f\u0670\u00ad\u180b-\u180f\u200b-\u200f` +
  String.raw`\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff`;
const hyphens = String.raw`\s\u00a0\u058a\u05be\u2010-\u2015\u2212-`;

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(String.raw`
    create function name_part(value text) returns text
      language sql immutable strict parallel safe
      return btrim(regexp_replace(
        replace(replace(replace(replace(
          translate(
            regexp_replace(
              normalize(lower(normalize(regexp_replace(value, '[${apostrophes}]', '', 'g'), NFKC)), NFKD),
              '[${marks}]', '', 'g'),
            'łøđðıς', 'loddiσ'),
          'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        '[${hyphens}]+', ' ', 'g'));

    -- For "like": the texts whose name_part has that of a word in it.
    create function name_pattern(word text) returns text
      language sql immutable strict parallel safe
      return '%' || regexp_replace(name_part(word), '([\\%_])', '\\\1', 'g') || '%';

    drop index users_search;
    create index users_search on users using gin (name_part(last_name || ' ' || first_name) gin_trgm_ops)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop index users_search;
    create index users_search on users using gin (name_key gin_trgm_ops);
    drop function name_pattern(text);
    drop function name_part(text)`);
}
