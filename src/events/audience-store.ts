// The SQL of whom an event is for.

/**
 * SQL for whether an event `e` is for the person `viewer`: for all or their group, or they made it, or come to it. This is what is in
 * their calendar.
 */
export const isFor = (viewer: string): string => `(e.is_for_all or e.author_id = ${viewer}
      or exists (select from event_groups g
                  where g.event_id = e.id and g.group_id = (select u.group_id from users u where u.id = ${viewer}))
      or exists (select from event_registrations r where r.event_id = e.id and r.user_id = ${viewer}))`;

/** SQL for whether the user $1 with the role $2 may see an event `e`. */
export const isSeen = `($2 in ('ROLE_TEACHER', 'ROLE_SUPER_ADMIN') or ${isFor("$1")})`;
