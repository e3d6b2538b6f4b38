// Reminders: each once, in whichever process, after a pause of the server too; and what those who come are told.
import { expect } from "chai";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { eventIn, runSteps, toldOf } from "./making-events.js";

const day = 24 * 60;

describe("the reminders of events", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let there: School;
  let teacher: Account;

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    teacher = await school.account("ROLE_TEACHER");
  });
  after(async () => {
    await there.close();
    await school.close();
  });

  const make = async (minutes: number, seats?: number): Promise<number> =>
    (await school.events.createEvent(eventIn(minutes, { seats }), teacher.call)).id;
  const come = async (event_id: number): Promise<number> => {
    const id = await school.person();
    await school.events.registerForEvent({ event_id }, school.as(id));
    return id;
  };
  /** Time passes: everything that has to do with the event was so many minutes earlier. */
  const pass = (minutes: number, id: number) =>
    school.sql(
      `with moved as (
         update event_registrations set remind_at = remind_at - make_interval(mins => $1::integer) where event_id = $2)
       update events set starts_at = starts_at - make_interval(mins => $1::integer),
                         ends_at = ends_at - make_interval(mins => $1::integer) where id = $2`,
      [minutes, id],
    );
  const reminded = (id: number) => toldOf(school, "event.reminder", id);

  it("come a day and an hour before it, once each, to those with a seat alone", async () => {
    const id = await make(2 * day, 1);
    const [seated] = [await come(id), await come(id)];
    await runSteps(school);
    expect(await reminded(id)).to.deep.equal([]);
    await pass(day - 1, id);
    await runSteps(school);
    expect(await reminded(id)).to.deep.equal([]);
    for (const [minutes, count] of [
      [2, 1],
      [0, 1],
      [day - 70, 1],
      [20, 2],
      [40, 2],
      [120, 2],
    ] as const) {
      await pass(minutes, id);
      await Promise.all([runSteps(school), runSteps(there), runSteps(school)]);
      expect(await reminded(id)).to.deep.equal(Array<string>(count).fill(`user:${seated}`));
    }
  });

  it("are one where no server ran while two were due, and none when the event has begun meanwhile", async () => {
    const [late, over] = [await make(2 * day), await make(2 * day)];
    const person = await come(late);
    await come(over);
    await pass(2 * day - 30, late);
    await pass(2 * day + 5, over);
    await runSteps(there);
    await runSteps(school);
    expect(await reminded(late)).to.deep.equal([`user:${person}`]);
    expect(await reminded(over)).to.deep.equal([]);
  });

  it("of an event that was cancelled do not come, and those who come are told of that", async () => {
    const id = await make(2 * day);
    await come(id);
    await school.events.cancelEvent({ event_id: id, reason: "No time." }, teacher.call);
    await pass(day + 1, id);
    await runSteps(school);
    expect(await reminded(id)).to.deep.equal([]);
    expect(await toldOf(school, "event.cancelled", id)).to.deep.equal(["school"]);
  });

  it("come again for an event that is moved, and not for another text", async () => {
    const id = await make(day + 10);
    const person = await come(id);
    await pass(20, id);
    await runSteps(school);
    expect(await reminded(id)).to.have.length(1);
    const event = await school.events.getEvent({ event_id: id }, teacher.call);
    await school.events.updateEvent({ event_id: id, text: "Bring robots.", audience: undefined }, teacher.call);
    await runSteps(school);
    expect(await reminded(id)).to.have.length(1);
    expect(await toldOf(school, "event.edited", id)).to.deep.equal(["school"]);
    const later = (text: string) => new Date(Date.parse(text) + 3 * day * 60_000).toISOString();
    const moved = { starts_at: later(event.starts_at), ends_at: later(event.ends_at) };
    await school.events.updateEvent({ event_id: id, ...moved, audience: undefined }, teacher.call);
    expect(await toldOf(school, "event.changed", id)).to.deep.equal(["school"]);
    // When the one of an hour was due before.
    await pass(2 * day, id);
    await runSteps(school);
    expect(await reminded(id)).to.have.length(1);
    await pass(day, id);
    await Promise.all([runSteps(school), runSteps(there)]);
    expect(await reminded(id)).to.deep.equal([`user:${person}`, `user:${person}`]);
  });

  it("of what has passed already do not come to who registers late, or gets a seat late", async () => {
    const id = await make(3 * 60, 1);
    const first = await come(id);
    const second = await come(id);
    await runSteps(school);
    expect(await reminded(id)).to.deep.equal([]);
    await school.events.cancelRegistration({ event_id: id }, school.as(first));
    await runSteps(school);
    expect(await toldOf(school, "event.seat_freed", id)).to.deep.equal([`user:${second}`]);
    expect(await reminded(id)).to.deep.equal([]);
    await pass(125, id);
    await runSteps(there);
    expect(await reminded(id)).to.deep.equal([`user:${second}`]);
  });

  it("of more than a thousand people come to each once, by several processes at once", async () => {
    const id = await make(2 * day);
    await school.sql(
      `with made as (
         insert into users (email, first_name, last_name) select 'r' || n || '@example.org', 'R', 'R'
           from generate_series(1, 1200) n returning id
       ), come as (
         insert into event_registrations (event_id, user_id, state, remind_at)
         select $1::bigint, id, 'REGISTRATION_STATE_REGISTERED', now() from made returning 1)
       update events set registered_count = 1200 where id = $1`,
      [id],
    );
    await Promise.all(upTo(4).map((at) => runSteps(at % 2 ? school : there)));
    const topics = await reminded(id);
    expect([topics.length, new Set(topics).size]).to.deep.equal([1200, 1200]);
  });

  it("and all else that is told of an event goes to its audience, the new one and the one before", async () => {
    const groups: number[] = [];
    for (const name of ["10-А", "10-Б"])
      groups.push((await school.groups.createGroup({ name, with_chat: false }, teacher.call)).id);
    const audience = { is_for_all: false, group_ids: [groups[0]!] };
    const { id } = await school.events.createEvent(eventIn(3 * day, { audience }), teacher.call);
    const [one, two] = groups.map((group) => `group:${group}`);
    expect(await toldOf(school, "event.published", id)).to.deep.equal([one]);
    const other = { is_for_all: false, group_ids: [groups[1]!] };
    await school.events.updateEvent({ event_id: id, audience: other }, teacher.call);
    expect(await toldOf(school, "event.edited", id)).to.have.members([one, two]);
    expect(await toldOf(school, "event.published", id)).to.have.members([one, two]);
    await school.events.updateEvent({ event_id: id, seats: 3, audience: undefined }, teacher.call);
    expect(await toldOf(school, "event.edited", id)).to.have.length(2);
    await runSteps(school);
    expect(await toldOf(school, "event.seats_changed", id)).to.deep.equal([two]);
    const acts = await school.sql<{ action: string }>(
      "select action from audit_events where target_type = 'event' and target_id = $1 order by id",
      [String(id)],
    );
    expect(acts.map(({ action }) => action)).to.deep.equal(["event.create", "event.update", "event.update"]);
  });
});
