// The calendar of a person: read by a strict reader, byte by byte where the standard asks for that, and whose events are in it.
import { expect } from "chai";
import ICAL from "ical.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { reasonOf } from "../support/outcomes.js";
import { eventIn } from "./making-events.js";

const minutes = 60_000;
const day = 24 * 60;

describe("the calendar of a person", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let teacher: Account;

  before(async () => {
    school = await openSchool();
    teacher = await school.account("ROLE_TEACHER");
  });
  after(() => school.close());

  const linkOf = async (id: number): Promise<string> =>
    (await school.events.renewCalendarLink({}, school.as(id))).url!.split("/").at(-1)!;
  const textOf = async (token: string): Promise<string> => {
    const { content_type, data } = (await school.events.getCalendar({ token }, school.as())) as {
      content_type: string;
      data: Buffer;
    };
    expect(content_type).to.equal("text/calendar");
    return data.toString();
  };
  /** The events of a calendar, as a reader has them. */
  const eventsIn = (text: string) => {
    const calendar = new ICAL.Component(ICAL.parse(text) as never[]);
    expect(calendar.name).to.equal("vcalendar");
    expect(calendar.getFirstPropertyValue("version")).to.equal("2.0");
    return calendar.getAllSubcomponents("vevent").map((component) => {
      const value = (name: string) => component.getFirstPropertyValue(name);
      const times = ["dtstart", "dtend", "dtstamp", "last-modified", "created"].map((name) => {
        const time = value(name) as ICAL.Time;
        expect(time.zone).to.equal(ICAL.Timezone.utcTimezone);
        return time.toJSDate().toISOString().replace(".000Z", "Z");
      });
      const names = ["uid", "summary", "description", "location", "status", "sequence"];
      const values: Readonly<Record<string, unknown>> = Object.fromEntries(names.map((name) => [name, value(name)]));
      return Object.assign({ times }, values);
    });
  };
  const make = async (more: Parameters<typeof eventIn>[1], begins = 3 * day) =>
    school.events.createEvent(eventIn(begins, more), teacher.call);

  it("has texts of any kind, in lines of at most 75 octets that end with CR LF and cut no character", async () => {
    const title = `Вечер; "Ёлка", \\ и 🎄🎄 ${"ж".repeat(60)} ${"🎄".repeat(30)}`;
    const text = `Строка 1, a;b\\n\nBEGIN:VEVENT\n\tSTATUS:CANCELLED ${"слово ".repeat(200)}`.trim();
    const { id } = await make({ title, text, place: "Зал, 2; корпус \\ А" });
    const person = await school.person();
    const calendar = await textOf(await linkOf(person));
    const event = eventsIn(calendar).find(({ summary }) => summary === title);
    expect(event).to.include({ description: text, location: "Зал, 2; корпус \\ А", status: "CONFIRMED", sequence: 0 });
    expect(calendar).to.match(/\r\nEND:VCALENDAR\r\n$/);
    for (const line of calendar.split("\r\n")) {
      expect(Buffer.byteLength(line), line).to.be.at.most(75);
      expect(line).not.to.match(/[\r\n]/);
      // A character that was cut would be another one when each line is read by itself.
      expect(line.isWellFormed()).to.equal(true);
    }
    expect(calendar.includes("�")).to.equal(false);
    await school.events.cancelEvent({ event_id: id, reason: "-" }, teacher.call);
  });

  it("has the right moments across the changes of clocks, of every zone", async () => {
    const person = await school.person();
    const token = await linkOf(person);
    // Beside the hour that is lost and the one that comes twice; with half hours too.
    for (const [time_zone, start, end] of [
      ["Europe/Berlin", "2030-03-31T01:30:00+01:00", "2030-03-31T03:30:00+02:00"],
      ["Europe/Berlin", "2030-10-27T02:30:00+02:00", "2030-10-27T02:30:00+01:00"],
      ["America/New_York", "2030-03-10T01:59:00-05:00", "2030-03-10T03:00:00-04:00"],
      ["America/New_York", "2030-11-03T01:30:00-04:00", "2030-11-03T01:30:00-05:00"],
      ["Asia/Kolkata", "2030-06-01T10:00:00+05:30", "2030-06-01T11:00:00+05:30"],
      ["Australia/Lord_Howe", "2030-04-07T01:45:00+11:00", "2030-04-07T01:45:00+10:30"],
    ] as const) {
      const [starts_at, ends_at] = [start, end].map((text) => new Date(text).toISOString());
      const event = await make({ title: `${time_zone} ${start}`, time_zone, starts_at: starts_at!, ends_at: ends_at! });
      expect(event).to.include({ time_zone, starts_at, ends_at });
      const found = eventsIn(await textOf(token)).find(({ summary }) => summary === event.title);
      expect(found!.times.slice(0, 2)).to.deep.equal([starts_at, ends_at].map((text) => text!.replace(".000Z", "Z")));
    }
  });

  it("keeps the name of an event when it is moved or cancelled, and counts its changes", async () => {
    const { id } = await make({ title: "Moved" });
    const token = await linkOf(await school.person());
    const seen = async () => eventsIn(await textOf(token)).find(({ summary }) => summary === "Moved")!;
    const first = await seen();
    expect(first["uid"]).to.match(/^[\da-f-]{36}$/);
    await school.events.updateEvent({ event_id: id, text: "Only the text.", audience: undefined }, teacher.call);
    expect(await seen()).to.include({ uid: first["uid"], sequence: 0, description: "Only the text." });
    await school.events.updateEvent({ event_id: id, place: "Room 14", audience: undefined }, teacher.call);
    expect(await seen()).to.include({ uid: first["uid"], sequence: 1, location: "Room 14" });
    await school.events.cancelEvent({ event_id: id, reason: "The hall is flooded." }, teacher.call);
    const last = await seen();
    expect(last).to.include({
      uid: first["uid"],
      sequence: 2,
      status: "CANCELLED",
      description: "The hall is flooded.\n\nOnly the text.",
    });
    expect(last.times[2]).to.equal(last.times[3]);
  });

  it("is the same, byte by byte, until something in it changes", async () => {
    const { id } = await make({ title: "Same" });
    const token = await linkOf(await school.person());
    await school.sql("update events set updated_at = '2026-01-02T03:04:05Z' where id = $1", [id]);
    const before = await textOf(token);
    const [, , stamp, modified] = eventsIn(before).find(({ summary }) => summary === "Same")!.times;
    expect([stamp, modified]).to.deep.equal(Array(2).fill("2026-01-02T03:04:05Z"));
    expect(await textOf(token)).to.equal(before);
    // Who comes is no change.
    await school.events.registerForEvent({ event_id: id }, school.as(await school.person()));
    expect(await textOf(token)).to.equal(before);
    await school.events.updateEvent({ event_id: id, title: "Same no more", audience: undefined }, teacher.call);
    expect(await textOf(token)).not.to.equal(before);
  });

  it("has the events for the person and those that they come to, of the last 30 days and to come", async () => {
    const person = await school.person();
    const { id: own } = await school.groups.createGroup({ name: "10-А", with_chat: false }, teacher.call);
    const { id: other } = await school.groups.createGroup({ name: "10-Б", with_chat: false }, teacher.call);
    await school.groups.addGroupMembers({ group_id: own, user_ids: [person] }, teacher.call);
    const of = (group: number) => ({ is_for_all: false, group_ids: [group] });
    const titles = async (token: string) =>
      eventsIn(await textOf(token))
        .map(({ summary }) => summary)
        .filter((title) => String(title).startsWith("W"));
    await make({ title: "W all" }, day);
    await make({ title: "W own", audience: of(own) }, 2 * day);
    await make({ title: "W other", audience: of(other) }, 2 * day);
    const come = await make({ title: "W come", audience: of(other) }, 3 * day);
    await school.events.addEventParticipant({ event_id: come.id, user_id: person }, teacher.call);
    await make({ title: "W recent" }, -20 * day);
    const old = new Date(Date.now() - 31 * day * minutes);
    await make({ title: "W old", ends_at: old.toISOString() }, -32 * day);
    expect(await titles(await linkOf(person))).to.deep.equal(["W recent", "W all", "W own", "W come"]);
    // A teacher sees every event, and their calendar has their own and those for all.
    const colleague = await school.account("ROLE_TEACHER");
    expect(await titles(await linkOf(colleague.id))).to.deep.equal(["W recent", "W all"]);
    const authored = await titles(await linkOf(teacher.id));
    expect(authored).to.include.members(["W own", "W other", "W come"]);
  });

  it("is behind a link that is stored as a hash alone, and found with and without its end", async () => {
    const person = await school.person();
    const token = await linkOf(person);
    const bare = token.slice(0, -".ics".length);
    expect(await textOf(bare)).to.equal(await textOf(token));
    const rows = await school.sql<{ text: string }>("select l::text as text from calendar_links l");
    expect(rows.some(({ text }) => text.includes(bare))).to.equal(false);
    const read = (given: string) => reasonOf(school.events.getCalendar({ token: given }, school.as()));
    for (const wrong of [`${bare}.ical`, `${bare}.ics.ics`, bare.slice(1), `${bare}=`, "", ".ics"])
      expect(await read(wrong), wrong).to.equal("CALENDAR_LINK_NOT_FOUND");
    await school.sql("update users set suspended_at = now() where id = $1", [person]);
    expect(await read(token)).to.equal("CALENDAR_LINK_NOT_FOUND");
  });
});
