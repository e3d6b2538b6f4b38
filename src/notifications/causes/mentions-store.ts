// Who is named in a text: the SQL that finds nicks behind an @, for messages, posts and comments.

/**
 * SQL for the ids of the people whom a text names, such as "@vera.i": not behind a letter, a digit or what an address may have, so that
 * "a@b.example" names nobody. A nick may end with a dot or a hyphen, and a sentence may too: the longer one counts, if somebody has it.
 */
export const namedIn = (text: string): string => `
  select distinct coalesce(whole.id, short.id) as user_id
    from (select distinct lower(found[1]) as nick
            from regexp_matches(${text}, '(?<![[:alnum:]_.@/+-])@([A-Za-z][A-Za-z0-9_.-]{2,})', 'g') found) n
    left join users whole on lower(whole.nick) = n.nick
    left join users short on lower(short.nick) = rtrim(n.nick, '._-')
   where coalesce(whole.id, short.id) is not null`;
