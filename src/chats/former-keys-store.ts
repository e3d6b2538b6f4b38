// The SQL of titles and roles that were replaced, for lists that are ordered by them and were begun before
// (platform/list-moment.ts). Of a title or a role the last hundred are kept, for a day.
import { wasThere } from "../platform/list-moment.js";

/** In place of the id of a member: the key is the title of the chat. */
export const ofTitle = 0;

/**
 * SQL for two parts of a `with`, which keep what a statement replaces: `rows` are chat_id, user_id and the former key, read before
 * the change. The chats are locked.
 */
export const keepFormer = (rows: string): string => `kept as (
     insert into chat_former_keys (chat_id, user_id, former) ${rows}
     returning chat_id, user_id
   ), dropped as (
     delete from chat_former_keys f using kept
      where f.chat_id = kept.chat_id and f.user_id = kept.user_id
        and (f.replaced_at < now() - interval '1 day'
          or f.id <= (select k.id from chat_former_keys k
                       where k.chat_id = kept.chat_id and k.user_id = kept.user_id
                       order by k.id desc limit 1 offset 99))
   )`;

/** SQL for the keys at a moment (chat_id, user_id, former) of what was replaced since; `chosen` is a condition on f. */
export const formerKeys = (chosen: string, moment: string): string => `
     select distinct on (f.chat_id, f.user_id) f.chat_id, f.user_id, f.former
       from chat_former_keys f, ${moment}
      where ${chosen} and not (${wasThere("f.id", "f.replaced_in", moment)})
      order by f.chat_id, f.user_id, f.id`;

/** SQL for the mark of a moment of these keys (platform/list-moment.ts); `chosen` as for formerKeys. */
export const formerMark = (chosen: string): string => `(select max(f.id) from chat_former_keys f where ${chosen})`;
