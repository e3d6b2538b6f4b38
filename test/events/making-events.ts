// Events for tests, and what must hold of all of them.
import { eventCounts } from "../../src/events/counts-store.js";
import { eventSteps, remindOfEvents } from "../../src/events/prompt-steps.js";
import type { CreateEventRequest } from "../../src/gen/lyceum/v1/event.js";
import { log, type School } from "../support/call-as.js";

/** An event for all that begins after so many minutes, and takes two hours. */
export function eventIn(minutes: number, more: Partial<CreateEventRequest> = {}): CreateEventRequest {
  const start = Date.now() + minutes * 60_000;
  return {
    title: "Robotics evening",
    text: "",
    place: "Room 12",
    starts_at: new Date(start).toISOString(),
    ends_at: new Date(start + 7_200_000).toISOString(),
    time_zone: "Europe/Moscow",
    audience: { is_for_all: true, group_ids: [] },
    ...more,
  };
}

/** What the checker of counts finds: nothing where all is right. */
export async function wrongCounts(school: School): Promise<unknown[]> {
  const found = [];
  for (const { name, sql } of eventCounts)
    for (const row of await school.sql<object>(sql)) found.push({ name, ...row });
  return found;
}

/** Runs once what is due about events: the reminders, and the prompt steps. */
export async function runSteps({ database }: School): Promise<void> {
  const { signal } = new AbortController();
  await remindOfEvents.run({}, { database, log, signal, attempt: 1, maxAttempts: 1, progress: async () => {} });
  for (const { run } of eventSteps) await run(database, new AbortController().signal);
}

/** The updates of a kind about an event: their topics, in order. */
export async function toldOf(school: School, kind: string, eventId: number): Promise<string[]> {
  const rows = await school.sql<{ topic: string }>(
    "select topic from updates where kind = $1 and subject_id = $2 order by topic, pts",
    [kind, eventId],
  );
  return rows.map(({ topic }) => topic);
}
