// A calendar as iCalendar (RFC 5545). All times are in UTC: whatever a reader knows of time zones, and of changes of the clocks, it
// shows the right moment. The same events make the same bytes.
import ical, { ICalEventStatus } from "ical-generator";
import type { CalendarEvent } from "./store.js";

/** The text of a calendar, with CR LF at the end of each line. */
export function writeCalendar(name: string, events: readonly CalendarEvent[]): string {
  const calendar = ical({ name, prodId: { company: "Lyceum", product: "events" }, ttl: 3600 });
  for (const event of events) {
    calendar.createEvent({
      id: event.uid,
      sequence: event.sequence,
      start: new Date(event.starts_at),
      end: new Date(event.ends_at),
      // Of a calendar without a METHOD it is when the event was changed last (RFC 5545, section 3.8.7.2).
      stamp: new Date(event.updated_at),
      lastModified: new Date(event.updated_at),
      created: new Date(event.created_at),
      summary: event.title,
      description: descriptionOf(event),
      location: event.place || null,
      status: event.cancelled_at === undefined ? ICalEventStatus.CONFIRMED : ICalEventStatus.CANCELLED,
    });
  }
  return `${calendar.toString()}\r\n`;
}

function descriptionOf({ text, cancellation_reason }: CalendarEvent): string | null {
  return [cancellation_reason, text].filter(Boolean).join("\n\n") || null;
}
