// The SQL of what the owner of an endpoint may hear of: what they may see themselves, as long as they are a super admin.

/** SQL for whether somebody, a row of users, may have endpoints. */
export const mayHave = (owner: string): string =>
  `(${owner}.role = 'ROLE_SUPER_ADMIN' and ${owner}.deleted_at is null and ${owner}.suspended_at is null)`;

/** SQL for whether the owner of an endpoint may hear of the updates of a topic at this moment. */
export const mayHear = (
  owner: string,
  topic: string,
): string => `(${mayHave(owner)} and case split_part(${topic}, ':', 1)
       when 'school' then true
       when 'staff' then ${owner}.role <> 'ROLE_STUDENT'
       when 'user' then ${topic} = 'user:' || ${owner}.id
       when 'group' then ${owner}.role <> 'ROLE_STUDENT' or ${topic} = 'group:' || ${owner}.group_id
       when 'chat' then exists (
         select from chat_members m where m.chat_id = split_part(${topic}, ':', 2)::bigint and m.user_id = ${owner}.id)
       else false end)`;

/** SQL for whether an endpoint wants to hear of a kind. */
export const wants = (webhook: string, kind: string): string =>
  `${webhook}.kinds && array['*', ${kind}, split_part(${kind}, '.', 1) || '.*']`;
