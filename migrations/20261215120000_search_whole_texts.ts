// Searches messages by all that they say: by the parts of addresses, names of files and numbers, by stop words, by emoji and by
// other signs. The index is built again in one go, while which sends wait; all servers are stopped for a migration.
import type { Knex } from "knex";

/** What Postgres's parser of texts would join to one token: `foo.png`, `10-15`, `<b>`. */
const joints = String.raw`[!-/:-@\u005b-\u0060{-~]+`;
/** White space, and the quotes that a search is cut at. */
const space = String.raw`\s"\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const pictures = String.raw`\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff`;
/** Letters of scripts without spaces between words, each of which becomes a word. */
const unspaced =
  String.raw`\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30ff` +
  String.raw`\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff` +
  String.raw`\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd\u0ec0-\u0ec6\u0edc-\u0edf` +
  String.raw`\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3`;
/** Characters that are not seen: between two letters they make no other word. */
const unseen =
  String.raw`\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u206f\u20e3` +
  String.raw`\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff`;
/** Characters of NFC, none of the above; nearly all texts have no others. */
const common =
  String.raw`\u0001-\u007e\u00a0\u00a7\u00ab\u00b0\u00bb\u00c0-\u02ff\u0370-\u0373\u0375-\u037d\u037f-\u0386\u0388-\u0482` +
  String.raw`\u048a-\u0590\u05c0\u05c3\u05c6\u05c8-\u060f\u061b\u061d-\u064a\u0660-\u066f\u0671-\u06d5\u2010-\u2027\u20ac\u2116`;

/** The text_key of `value`: a part of two functions, of which neither can call another while an index is built. */
const keyOfValue = String.raw`
          regexp_replace(regexp_replace(replace(regexp_replace(
            replace(lower(case when value is nfc normalized then value else normalize(value, NFC) end), 'ё', 'е'),
            '[${unseen}]', '', 'g'), U&'\200B', ' '), '([${pictures}])', ' \1 ', 'g'), '([${unspaced}])', ' \1', 'g')`;

export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(String.raw`
    -- As "russian", without stop words.
    create text search dictionary russian_all_words (template = snowball, language = russian);
    create text search dictionary english_all_words (template = snowball, language = english);
    create text search configuration all_words (copy = russian);
    alter text search configuration all_words
      alter mapping for asciiword, asciihword, hword_asciipart with english_all_words;
    alter text search configuration all_words
      alter mapping for word, hword, hword_part with russian_all_words;

    -- One spelling of each letter, no case, and ё is е. Pictures, and letters of scripts without spaces, stand apart.
    create function text_key(value text) returns text
      language sql immutable strict parallel safe
      return ${keyOfValue};

    -- A text_key as Postgres's parser sees each of its parts as a word.
    create function text_words(key text) returns text
      language sql immutable strict parallel safe
      return regexp_replace(key, '${joints}', ' ', 'g');

    -- The lexemes of a text: its words with their positions, and without one what stands alone and is nothing to Postgres's parser:
    -- emoji, and other signs of two characters and more. A single sign counts in a text without words. A send pays for this
    -- function: a text of nothing but words in common letters takes the short way.
    create function text_lexemes(configuration regconfig, value text) returns tsvector
      language plpgsql immutable strict parallel safe as $$
      declare
        key text;
        words tsvector;
        signs text;
      begin
        if value !~ '[^${common}]|(^|[${space}])[^[:alnum:]${space}]{2,}($|[${space}])|^[^0-9a-zA-Zа-яА-Я]*$' then
          return to_tsvector(configuration, replace(lower(regexp_replace(value, '${joints}', ' ', 'g')), 'ё', 'е'));
        end if;
        key := ${keyOfValue};
        words := to_tsvector(configuration, regexp_replace(key, '${joints}', ' ', 'g'));
        -- Two spaces, so that each of two signs has one at both ends.
        signs := regexp_replace(key, '[${space}]+', '  ', 'g');
        if words <> '' then
          signs := regexp_replace(regexp_replace(signs,
            '[^ ]*[[:alnum:]][^ ]*', '', 'g'), '(^| )[^ ${pictures}]( |$)', ' ', 'g');
        elsif signs ~ '^ *$' and key ~ '\S' then
          -- Nothing but quotes.
          return array_to_tsvector(array[left(btrim(key), 200)]);
        end if;
        -- No search is longer.
        return words || array_to_tsvector(array_remove(string_to_array(
          regexp_replace(signs, '([^ ]{200})[^ ]+', '\1', 'g'), ' '), ''));
      end $$;

    -- The search for the pictures in a text, else for all signs that stand alone in it when there are no words beside them.
    create function text_signs(value text, has_words boolean) returns tsquery
      language plpgsql immutable strict parallel safe as $$
      declare
        signs text[] := array(select lexeme from unnest(text_lexemes('all_words', value)) where positions is null);
        shown text[] := array(select sign from unnest(signs) as sign where sign ~ '^[${pictures}]$');
      begin
        return coalesce(string_agg('''' || replace(replace(sign, '\', '\\'), '''', '''''') || '''', ' & '), '')::tsquery
          from unnest(case when has_words or shown <> '{}' then shown else signs end) as sign;
      end $$;

    -- A search for all of the wanted words and phrases and none of the excluded ones. Stop words are left out, unless there is nothing
    -- else, and so are signs beside words. Empty, which finds nothing, when nothing is wanted.
    create function text_query(wanted text[], excluded text[]) returns tsquery
      -- Postgres has a notice for each stop word.
      language plpgsql immutable strict parallel safe set client_min_messages = warning as $$
      declare
        configuration regconfig;
        found tsquery := '';
        term text;
      begin
        foreach configuration in array array['russian', 'all_words']::regconfig[] loop
          foreach term in array wanted loop
            found := found && phraseto_tsquery(configuration, text_words(text_key(term)));
          end loop;
          exit when found <> '';
        end loop;
        found := found && text_signs(array_to_string(wanted, ' '), found <> '');
        if found = '' then return found; end if;
        foreach term in array excluded loop
          found := found && !! (phraseto_tsquery('russian', text_words(text_key(term))) && text_signs(term, true));
        end loop;
        return found;
      end $$;

    drop index messages_search;
    create index messages_search
      on messages using gin (chat_id, text_lexemes('all_words'::regconfig, text))
      where deleted_at is null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    drop index messages_search;
    create index messages_search on messages using gin (chat_id, to_tsvector('russian'::regconfig, search_key(text)))
      where deleted_at is null;
    drop function text_query(text[], text[]);
    drop function text_signs(text, boolean);
    drop function text_lexemes(regconfig, text);
    drop function text_words(text);
    drop function text_key(text);
    drop text search configuration all_words;
    drop text search dictionary russian_all_words;
    drop text search dictionary english_all_words`);
}
