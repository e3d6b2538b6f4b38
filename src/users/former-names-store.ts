// The SQL of names that were replaced, for lists that are ordered by them and were begun before (platform/list-moment.ts). Of a
// person the last hundred are kept, of everybody for a day after the last change, and none of somebody whose account has ended.
import { currentMoment, wasThere } from "../platform/list-moment.js";

/** SQL for two parts of a `with`, which keep the names of the users `u` that a statement is about to replace. */
export const keepFormerName = (condition: string): string => `kept as (
     insert into user_former_names (user_id, first_name, last_name)
     select u.id, u.first_name, u.last_name from users u where ${condition}
     returning user_id
   ), dropped as (
     delete from user_former_names where (user_id, id) in (
       select f.user_id, f.id from user_former_names f
        where exists (select from kept)
          and (f.replaced_at < now() - interval '1 day'
            or f.id <= (select k.id from user_former_names k join kept on kept.user_id = k.user_id
                         where k.user_id = f.user_id order by k.id desc limit 1 offset 99))
          for update skip locked)
   )`;

/** SQL for a part of a `with`, which deletes the former names of the user $1. */
export const forgetFormerNames = "forgotten as (delete from user_former_names where user_id = $1)";

/** The milliseconds since the last change of a name. */
const age = `coalesce((select (extract(epoch from statement_timestamp() - replaced_at) * 1000)::bigint
                    from user_former_names order by id desc limit 1), 300000)`;

/** SQL for the moment of a list of users by name, for its first page (platform/list-moment.ts). */
export const momentOfNames = currentMoment("(select max(id) from user_former_names)", age);

/** SQL for what a name is ordered by, as the column users.sort_key. */
export const sortKeyOf = (name: string): string =>
  `left(search_key(${name}.last_name || ' ' || ${name}.first_name), 40) collate "C"`;

/** SQL for the names at a moment (user_id, first_name, last_name) of those that were replaced since. */
export const formerNames = (moment: string): string => `
     select distinct on (f.user_id) f.user_id, f.first_name, f.last_name
       from user_former_names f, ${moment}
      where not (${wasThere("f.id", "f.replaced_in", moment)})
      order by f.user_id, f.id`;
