// When those who come to an event are reminded of it: a day and an hour before it begins.

/** SQL for the next reminder of an event that begins at a time; null when none is to come. */
export const nextReminder = (start: string): string => `case
     when ${start} - interval '1 day' > now() then ${start} - interval '1 day'
     when ${start} - interval '1 hour' > now() then ${start} - interval '1 hour' end`;
