// The SQL of what is shown of a registration.

/** The columns of a registration `r`, apart from the place of who waits. */
export const registrationColumns = "r.event_id, r.user_id, r.state, r.registered_at, r.attendance";

/** SQL for how many wait up to the registration `r`; null when it has a seat. */
export const waitingPlace = `case when r.state = 'REGISTRATION_STATE_WAITING'
         then (select count(*)::integer from event_registrations w
                where w.event_id = r.event_id and w.state = 'REGISTRATION_STATE_WAITING' and w.arrival <= r.arrival) end`;

/** SQL for the registration of a person for an event as a value; null without one. */
export const ownRegistration = (event: string, user: string): string => `(
    select json_strip_nulls(json_build_object(
             'event_id', r.event_id, 'user_id', r.user_id, 'state', r.state,
             'registered_at', to_char(r.registered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
             'attendance', r.attendance, 'waiting_place', ${waitingPlace}))
      from event_registrations r where r.event_id = ${event} and r.user_id = ${user})`;
