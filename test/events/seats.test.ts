// Seats and the waiting list when twenty want something at once, in two processes of one school.
import { expect } from "chai";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";
import { outcomes } from "../support/outcomes.js";
import { eventIn, runSteps, toldOf, wrongCounts } from "./making-events.js";

describe("the seats of events", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let there: School;
  let teachers: Account[];

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    teachers = [await school.account("ROLE_TEACHER"), await school.account("ROLE_TEACHER")];
  });
  after(async () => {
    await there.close();
    await school.close();
  });
  afterEach(async () => expect(await wrongCounts(school)).to.deep.equal([]));

  const of = (at: number) => (at % 2 ? school : there);
  const staff = (at: number) => of(at).as(teachers[at % 2]!.caller);
  const make = async (seats?: number, minutes = 3_000): Promise<number> =>
    (await school.events.createEvent(eventIn(minutes, { seats }), staff(1))).id;
  const people = (count: number): Promise<number[]> => Promise.all(upTo(count).map(() => school.person()));
  const register = (at: number, event_id: number, id: number) =>
    of(at).events.registerForEvent({ event_id }, of(at).as(id));
  const unregister = (at: number, event_id: number, id: number) =>
    of(at).events.cancelRegistration({ event_id }, of(at).as(id));
  /** Who has a seat and who waits, in the order in which they came. */
  const listed = async (id: number) => {
    const rows = await school.sql<{ user_id: number; state: string }>(
      "select user_id, state from event_registrations where event_id = $1 order by arrival",
      [id],
    );
    const having = (state: string) => rows.filter((row) => row.state.endsWith(state)).map(({ user_id }) => user_id);
    return { seated: having("REGISTERED"), waiting: having("WAITING") };
  };

  it("are given to as many of twenty who come at once as there are, and the others wait in the order in which they came", async () => {
    const id = await make(7);
    const many = await people(20);
    const { answers } = await outcomes(many.map((person, at) => register(at, id, person)));
    expect(answers).to.have.length(20);
    const { seated, waiting } = await listed(id);
    expect([seated.length, waiting.length]).to.deep.equal([7, 13]);
    const event = await school.events.getEvent({ event_id: id }, staff(1));
    expect(event).to.include({ registered_count: 7, waiting_count: 13 });
    for (const [at, person] of waiting.entries()) {
      const { registration } = await school.events.getEvent({ event_id: id }, school.as(person));
      expect(registration?.waiting_place).to.equal(at + 1);
    }
  });

  it("go to those who wait, the first first, while twenty leave and twenty come at once", async () => {
    const id = await make(10);
    const early = await people(20);
    for (const [at, person] of early.entries()) await register(at, id, person);
    const late = await people(20);
    // Every second of those with a seat and of those who wait leaves.
    const leavers = early.filter((_, at) => at % 2 === 0);
    const { reasons } = await outcomes<unknown>([
      ...leavers.map((person, at) => unregister(at, id, person)),
      ...late.map((person, at) => register(at, id, person)),
    ]);
    expect(reasons).to.deep.equal([]);
    const { seated, waiting } = await listed(id);
    expect([seated.length, waiting.length]).to.deep.equal([10, 20]);
    expect(seated).to.deep.equal(early.filter((_, at) => at % 2 === 1));
    await runSteps(school);
    const freed = await toldOf(school, "event.seat_freed", id);
    expect(freed).to.have.members(seated.slice(5).map((person) => `user:${person}`));
    await Promise.all([runSteps(school), runSteps(there)]);
    expect(await toldOf(school, "event.seat_freed", id)).to.have.length(5);
  });

  it("go on to others when accounts end, people are removed and there are more seats, all at once", async () => {
    const id = await make(5);
    const accounts = await Promise.all(upTo(5).map(() => school.account()));
    for (const [at, { id: person }] of accounts.entries()) await register(at, id, person);
    const waiting = await people(20);
    for (const [at, person] of waiting.entries()) await register(at, id, person);
    const { reasons } = await outcomes<unknown>([
      ...accounts.slice(0, 3).map(({ password, call }) => school.auth.deleteMe({ password }, call)),
      ...accounts
        .slice(3)
        .map(({ id: user_id }, at) => of(at).events.removeEventParticipant({ event_id: id, user_id }, staff(at))),
      school.events.updateEvent({ event_id: id, seats: 8, audience: undefined }, staff(1)),
      ...waiting.slice(0, 4).map((person, at) => unregister(at, id, person)),
    ]);
    expect(reasons).to.deep.equal([]);
    expect(await listed(id)).to.deep.equal({ seated: waiting.slice(4, 12), waiting: waiting.slice(12) });
    expect((await school.events.getEvent({ event_id: id }, staff(1))).registered_count).to.equal(8);
  });

  it("stay with those who have one when there are fewer, and nobody else gets one until they leave", async () => {
    const id = await make();
    const many = await people(6);
    for (const [at, person] of many.entries()) await register(at, id, person);
    const { events } = school;
    const lowered = await events.updateEvent({ event_id: id, seats: 4, audience: undefined }, staff(1));
    expect(lowered).to.include({ seats: 4, registered_count: 6, waiting_count: 0 });
    const [late] = await people(1);
    expect(await register(1, id, late!)).to.include({ state: "REGISTRATION_STATE_WAITING" });
    for (const person of many.slice(0, 2)) await unregister(1, id, person);
    expect((await listed(id)).waiting).to.deep.equal([late]);
    await unregister(1, id, many[2]!);
    expect(await listed(id)).to.deep.equal({ seated: [...many.slice(3), late], waiting: [] });
  });

  it("are one for each person, who registers and cancels twenty times at once", async () => {
    const id = await make(3);
    const [person] = await people(1);
    const { reasons } = await outcomes<unknown>(
      upTo(20).map((at) => (at % 2 ? register(at, id, person!) : unregister(at, id, person!))),
    );
    expect(new Set(reasons).has("REGISTRATION_NOT_FOUND") || reasons.length === 0).to.equal(true);
    expect(reasons.every((reason) => reason === "REGISTRATION_NOT_FOUND")).to.equal(true);
    const { seated, waiting } = await listed(id);
    expect(seated.length + waiting.length).to.be.at.most(1);
  });

  it("of an event that is cancelled or has begun do not go to those who wait", async () => {
    for (const end of ["cancelled_at = now()", "starts_at = now() - interval '1 minute'"]) {
      const id = await make(1);
      const [seated, waiting] = [await school.account(), await school.person()];
      await register(1, id, seated.id);
      await register(1, id, waiting);
      await school.sql(`update events set ${end} where id = $1`, [id]);
      await school.auth.deleteMe({ password: seated.password }, seated.call);
      expect(await listed(id)).to.deep.equal({ seated: [], waiting: [waiting] });
      expect(await school.events.getEvent({ event_id: id }, staff(1))).to.include({
        registered_count: 0,
        waiting_count: 1,
      });
    }
  });

  it("of which there are new ones are told once for all changes, to the audience", async () => {
    const { id: group_id } = await school.groups.createGroup({ name: "10-А", with_chat: false }, staff(1));
    const many = await people(20);
    await school.groups.addGroupMembers({ group_id, user_ids: many }, staff(1));
    const audience = { is_for_all: false, group_ids: [group_id] };
    const { id } = await school.events.createEvent(eventIn(3_000, { seats: 5, audience }), staff(1));
    await outcomes(many.map((person, at) => register(at, id, person)));
    await Promise.all([runSteps(school), runSteps(there), runSteps(school)]);
    expect(await toldOf(school, "event.seats_changed", id)).to.deep.equal([`group:${group_id}`]);
    expect(await toldOf(school, "event.registered", id)).to.have.members(many.map((person) => `user:${person}`));
    await unregister(1, id, many[0]!);
    await runSteps(there);
    expect(await toldOf(school, "event.seats_changed", id)).to.have.length(2);
    expect(await toldOf(school, "event.unregistered", id)).to.deep.equal([`user:${many[0]}`]);
  });

  it("stay with a person who leaves the audience, and with one who waits the place", async () => {
    const { id: group_id } = await school.groups.createGroup({ name: "10-Б", with_chat: false }, staff(1));
    const [one, two, three] = await people(3);
    await school.groups.addGroupMembers({ group_id, user_ids: [one!, two!, three!] }, staff(1));
    const audience = { is_for_all: false, group_ids: [group_id] };
    const { id } = await school.events.createEvent(eventIn(3_000, { seats: 1, audience }), staff(1));
    for (const person of [one, two, three]) await register(1, id, person!);
    for (const user_id of [one!, two!]) await school.groups.removeGroupMember({ group_id, user_id }, staff(1));
    expect(await listed(id)).to.deep.equal({ seated: [one], waiting: [two, three] });
    await school.events.cancelRegistration({ event_id: id }, school.as(one));
    expect(await listed(id)).to.deep.equal({ seated: [two], waiting: [three] });
    // The group is deleted with everybody in it, and the event stays for those who come to it.
    await school.groups.removeGroupMember({ group_id, user_id: three! }, staff(1));
    await school.groups.deleteGroup({ group_id }, staff(1));
    const event = await school.events.getEvent({ event_id: id }, school.as(three));
    expect(event.audience).to.deep.equal({ is_for_all: false, group_ids: [] });
  });

  it("that are counted wrong are found by the checker", async () => {
    const id = await make(1);
    for (const person of await people(2)) await register(1, id, person);
    await school.sql("update events set registered_count = 4, waiting_count = 0 where id = $1", [id]);
    expect(await wrongCounts(school)).to.deep.equal([
      { name: "events.registered_count", id, stored: 4, actual: 1 },
      { name: "events.waiting_count", id, stored: 0, actual: 1 },
    ]);
    await school.sql("update events set registered_count = 1, waiting_count = 1, seats = 3 where id = $1", [id]);
    expect(await wrongCounts(school)).to.deep.equal([
      { name: "events with free seats for which somebody waits", id, stored: 0, actual: 1 },
    ]);
    await school.sql("update events set seats = 1 where id = $1", [id]);
  });
});
