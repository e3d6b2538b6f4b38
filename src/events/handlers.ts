// Events: making, listing, changing and cancelling them.
import { lockCaller } from "../accounts/above.js";
import type { Call, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { Event, EventAudience, EventService, UpdateEventRequest } from "../gen/lyceum/v1/event.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { shortMoment } from "../platform/list-moment.js";
import { pageOf, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { announce, topicsOf } from "./announce.js";
import { calendarHandlers, type CalendarDeps } from "./calendar/handlers.js";
import { aimed, requireSound } from "./event-rules.js";
import { listEvents } from "./listing-store.js";
import { eventNotFound, lockEventToChange } from "./locked-event.js";
import { registrationHandlers } from "./registrations/handlers.js";
import { fillSeats } from "./registrations/store.js";
import * as store from "./store.js";

/** The handlers of EventService. */
export function eventHandlers(deps: CalendarDeps): Handlers<EventService> {
  return { ...makingHandlers, ...registrationHandlers, ...calendarHandlers(deps) };
}

type MakingMethods = "createEvent" | "listEvents" | "getEvent" | "updateEvent" | "cancelEvent";

const makingHandlers: Pick<Handlers<EventService>, MakingMethods> = {
  async createEvent(draft, call) {
    const { user, database } = call;
    const audience = aimed(draft.audience);
    requireSound(draft);
    return database.transaction(async (queries) => {
      await lockCaller(queries, user);
      await lockAudience(queries, audience);
      const id = await store.insertEvent(queries, user.id, { ...draft, is_for_all: audience.is_for_all });
      await store.replaceGroups(queries, id, audience.group_ids);
      await record(queries, call, "event.create", id);
      const made = (await store.findEvent(queries, user, id))!;
      await announce(queries, user.id, "event.published", id, topicsOf(audience));
      return made;
    });
  },

  async listEvents(request, { user, database }) {
    const { starts_after, starts_before, query, sort } = request;
    const { time = "EVENT_TIME_ALL", concern = "EVENT_CONCERN_ALL" } = request;
    const words = searchWords(query);
    const isOldestFirst = sort !== "-starts_at";
    const filter = { time, concern, startsAfter: starts_after, startsBefore: starts_before, words };
    const page = readPage(request, { scope: ["events", filter, isOldestFirst], key: [0, 0, ""], isOldestFirst });
    const rows = await listEvents(database, user, filter, page);
    const { rows: events, next_page_token } = pageOf(rows, page, ({ key, id, moment }) => [
      key,
      id,
      shortMoment(moment),
    ]);
    return { events, next_page_token };
  },

  async getEvent({ event_id }, { user, database }) {
    const event = await store.findEvent(database, user, event_id);
    if (!event) throw eventNotFound(event_id);
    return event;
  },

  async updateEvent(request, call) {
    const { user, database } = call;
    const { event_id } = request;
    const audience = request.audience && aimed(request.audience);
    return database.transaction(async (queries) => {
      await lockCaller(queries, user);
      if (audience) await lockAudience(queries, audience);
      const event = await lockEventToChange(queries, call, event_id);
      const next = changed(event, { ...request, audience });
      requireSound(next);
      const news = newsOf(event, next);
      if (news.size === 0) return event;
      await store.updateEvent(queries, event_id, { ...next, is_for_all: next.audience.is_for_all });
      if (news.has("audience")) await store.replaceGroups(queries, event_id, next.audience.group_ids);
      await fillSeats(queries, [event_id]);
      await record(queries, call, "event.update", event_id);
      const made = (await store.findEvent(queries, user, event_id))!;
      await announceChange(queries, user.id, event, next, news);
      return made;
    });
  },

  async cancelEvent({ event_id, reason }, call) {
    const { user, database } = call;
    return database.transaction(async (queries) => {
      await lockCaller(queries, user);
      const { audience } = await lockEventToChange(queries, call, event_id);
      await store.cancelEvent(queries, event_id, reason);
      await record(queries, call, "event.cancel", event_id);
      const made = (await store.findEvent(queries, user, event_id))!;
      await announce(queries, user.id, "event.cancelled", event_id, topicsOf(audience));
      return made;
    });
  },
};

async function lockAudience(queries: Queries, { group_ids }: EventAudience): Promise<void> {
  if (group_ids.length === 0) return;
  const found = new Set(await store.lockGroups(queries, group_ids));
  const missing = group_ids.find((id) => !found.has(id));
  if (missing !== undefined) throw new ApiError("GROUP_NOT_FOUND", `Group with id=${missing} not found`);
}

const plain = ["title", "text", "place", "starts_at", "ends_at", "time_zone", "seats"] as const;

/** The parts of an event that a request changes. */
type News = ReadonlySet<(typeof plain)[number] | "audience">;

/** The event as a request wants it. */
function changed(event: Event, { audience = event.audience, seats, ...request }: UpdateEventRequest): Event {
  const given = Object.fromEntries(plain.map((name) => [name, name === "seats" ? undefined : request[name]]));
  for (const name of plain) if (given[name] === undefined) delete given[name];
  return { ...event, ...given, audience, seats: seats === undefined ? event.seats : seats || undefined };
}

function newsOf(event: Event, next: Event): News {
  const news = new Set<(typeof plain)[number] | "audience">(plain.filter((name) => event[name] !== next[name]));
  const [before, after] = [event, next].map(({ audience }) => topicsOf(audience).toSorted().join());
  if (before !== after) news.add("audience");
  return news;
}

/** What those who come have to know is `event.changed`; of what else is new whoever looks at it is told, and of seats by a prompt step. */
async function announceChange(queries: Queries, actorId: number, event: Event, next: Event, news: News): Promise<void> {
  const before = new Set(topicsOf(event.audience));
  const after = topicsOf(next.audience);
  const isForOthers = (["title", "place", "starts_at", "ends_at"] as const).some((name) => news.has(name));
  const isOnlySeats = news.size === 1 && news.has("seats");
  const told = new Set([...before, ...after]);
  const added = after.filter((topic) => !before.has(topic));
  if (!isOnlySeats) await announce(queries, actorId, isForOthers ? "event.changed" : "event.edited", event.id, told);
  await announce(queries, actorId, "event.published", event.id, added);
}

async function record(queries: Queries, call: Call, action: `event.${string}`, id: number): Promise<void> {
  await recordAudit(queries, call, { action, target: ["event", id] });
}
