// The SQL of lists of events: by their start, as it was at the moment of the first page.
import type { Caller } from "../call.js";
import type { Event, EventConcern, EventTime } from "../gen/lyceum/v1/event.js";
import type { Queries } from "../platform/database/database.js";
import { searchStatement, type Statement, statement } from "../platform/database/statement.js";
import { readMoment, requireMoment } from "../platform/list-moment.js";
import type { KeysetPage } from "../platform/page.js";
import { isSeen } from "./audience-store.js";
import { formerStarts, momentOfStarts } from "./former-starts-store.js";
import { columns } from "./store.js";

/** Which events a list has. What is absent chooses all. */
export interface EventFilter {
  readonly time: EventTime;
  readonly concern: EventConcern;
  readonly startsAfter: string | undefined;
  readonly startsBefore: string | undefined;
  /** All of them must occur in the title or the place. */
  readonly words: readonly string[];
}

/** An event in a list, with its key at the moment of the first page, and that moment. */
export type ListedEvent = Event & { readonly key: number; readonly moment: string };

const times: Readonly<Record<EventTime, string>> = {
  EVENT_TIME_ALL: "",
  EVENT_TIME_UPCOMING: "and e.ends_at > now()",
  EVENT_TIME_PAST: "and e.ends_at <= now()",
};

const own = (condition = ""): string =>
  `and e.id in (select r.event_id from event_registrations r where r.user_id = $1 ${condition})`;

const concerns: Readonly<Record<EventConcern, string>> = {
  EVENT_CONCERN_ALL: "",
  EVENT_CONCERN_MINE: own(),
  EVENT_CONCERN_REGISTERED: own("and r.state = 'REGISTRATION_STATE_REGISTERED'"),
  EVENT_CONCERN_WAITING: own("and r.state = 'REGISTRATION_STATE_WAITING'"),
};

// As in the search of users, the longest word has a condition of its own, which the trigram index serves unless it is short, and
// "coalesce" keeps the planner from taking the others for rare.
const placeAndTitle = "name_part(e.title || ' ' || e.place)";

/** The letters of a word as far as a search tells them apart. */
const lengthOf = (word: string): number => Array.from(word.normalize("NFKD").replaceAll(/\p{M}/gu, "")).length;

const statements = new Map<string, Statement<ListedEvent>>();

/** A statement, and the values for it: its text depends on which parts of the filter there are, and on nothing else. */
function listing(
  viewer: Caller,
  { time, concern, startsAfter, startsBefore, words }: EventFilter,
  { after, limit, skip, isOldestFirst }: KeysetPage,
): { readonly listed: Statement<ListedEvent>; readonly values: readonly unknown[] } {
  const values: unknown[] = [viewer.id, viewer.role, limit];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions = [`and ${isSeen}`, times[time], concerns[concern]];
  const name = [
    "list-events",
    time.slice("EVENT_TIME_".length).toLowerCase(),
    concern.slice("EVENT_CONCERN_".length).toLowerCase(),
    isOldestFirst ? "" : "last",
  ];
  if (startsAfter !== undefined) {
    conditions.push(`and e.starts_at > ${value(startsAfter)}::timestamptz`);
    name.push("after");
  }
  if (startsBefore !== undefined) {
    conditions.push(`and e.starts_at < ${value(startsBefore)}::timestamptz`);
    name.push("before");
  }
  if (words.length > 0) {
    const [longest, ...others] = words.toSorted((a, b) => b.length - a.length);
    const isShort = lengthOf(longest!) < 3;
    const word = value(longest);
    conditions.push(
      isShort
        ? `and strpos(${placeAndTitle}, (select name_part(${word}))) > 0`
        : `and ${placeAndTitle} like name_pattern(${word})`,
      `and coalesce(${placeAndTitle} like all (array(select name_pattern(unnest(${value(others)}::text[])))), false)`,
    );
    name.push(isShort ? "letters" : "words");
  }
  const order: Order = isOldestFirst ? { beyond: ">", direction: "" } : { beyond: "<", direction: "desc" };
  const all = conditions.join(" ");
  const text = after
    ? nextPage(all, order, after.map(value))
    : firstPage(all, order, skip > 0 ? `limit $3 offset ${value(skip)}` : most);
  if (after || skip > 0) name.push(after ? "next" : "skip");
  const key = name.filter(Boolean).join("-");
  const declare = words.length > 0 ? searchStatement : (of: string, sql: string) => statement("pool", of, sql);
  const known = statements.get(key) ?? (declare(key, text) as Statement<ListedEvent>);
  statements.set(key, known);
  return { listed: known, values };
}

interface Order {
  readonly beyond: "<" | ">";
  readonly direction: "" | "desc";
}

/**
 * The events of the page are looked up by their ids once they are chosen, so that what is shown is read for these alone; "offset" keeps
 * the planner, which does not know how few they are, from reading all events.
 */
const shown = (rows: string, { direction }: Order): string =>
  `select ${columns}, chosen.key, chosen.moment
     from (${rows}) chosen cross join lateral (select * from events where id = chosen.id offset 0) e
    order by chosen.key ${direction}, chosen.id ${direction} limit $3`;

// A constant: the planner then expects few rows in a generic plan too.
const most = "limit 101";

const firstPage = (conditions: string, order: Order, limit: string): string =>
  shown(
    `select e.id, e.sort_key as key, ${momentOfStarts} as moment
       from events e
      where true ${conditions}
      order by e.sort_key ${order.direction}, e.id ${order.direction} ${limit}`,
    order,
  );

// Those that were not moved since the moment come by the index, and the others, which are few, beside them.
const nextPage = (conditions: string, order: Order, [key, id, moment]: readonly string[]): string => `
   with moment as materialized (${readMoment(moment!)}),
        moved as materialized (${formerStarts("moment")})
   ${shown(
     `select id, key, ${moment}::text as moment from (
     (select e.id, e.sort_key as key
        from events e
       where (e.sort_key, e.id) ${order.beyond} (${key}::bigint, ${id}::bigint)
         and e.id not in (select event_id from moved) ${conditions}
       order by e.sort_key ${order.direction}, e.id ${order.direction} ${most})
      union all
     (select e.id, moved.sort_key as key
        from moved cross join lateral (select * from events where id = moved.event_id offset 0) e
       where (moved.sort_key, e.id) ${order.beyond} (${key}::bigint, ${id}::bigint) ${conditions})
   ) e
      order by key ${order.direction}, id ${order.direction} ${most}`,
     order,
   )}`;

/**
 * The events that the viewer may see and the filter chooses, by their start. `page.after` is a key, an id and a moment: the order is that
 * of the moment. `page.limit` is at most 101. Throws INVALID_PAGE_TOKEN over what is no moment.
 */
export async function listEvents(
  queries: Queries,
  viewer: Caller,
  filter: EventFilter,
  page: KeysetPage,
): Promise<ListedEvent[]> {
  requireMoment(page);
  const { listed, values } = listing(viewer, filter, page);
  return queries.many(listed, values);
}
