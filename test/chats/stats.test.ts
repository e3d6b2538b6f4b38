import { expect } from "chai";
import type { GetChatStatsRequest } from "../../src/gen/lyceum/v1/chat.js";
import { openSchool, type School } from "../support/call-as.js";
import { refusal } from "../support/outcomes.js";

describe("the statistics of a chat", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let carol: number;
  let chat_id: number;

  before(async () => {
    school = await openSchool();
    alice = await school.person("Alice", "Adams");
    bob = await school.person("Bob", "Baker");
    carol = await school.person("Carol", "Cook");
    chat_id = await school.chat(alice, bob, carol);
    const sent: [number, string][] = [
      [alice, "2026-09-01T00:30:00Z"],
      [bob, "2026-09-01T12:00:00Z"],
      [bob, "2026-09-01T21:30:00Z"],
      [carol, "2026-09-02T20:59:59.999Z"],
      [bob, "2026-09-02T21:00:00Z"],
      [alice, "2026-09-05T10:00:00Z"],
      [alice, "2026-09-05T11:00:00Z"],
    ];
    for (const [sender, created_at] of sent) {
      const { id } = await school.messages.sendMessage({ chat_id, text: "text" }, school.as(sender));
      await school.sql("update messages set created_at = $2 where id = $1", [id, created_at]);
      if (created_at.startsWith("2026-09-05T11"))
        await school.messages.deleteMessage({ message_id: id }, school.as(sender));
    }
    await school.chats.leaveChat({ chat_id }, school.as(carol));
  });
  after(() => school.close());

  const stats = (wanted: Omit<GetChatStatsRequest, "chat_id"> = {}, as = alice) =>
    school.chats.getChatStats({ chat_id, ...wanted }, school.as(as));
  const days = async (wanted: Omit<GetChatStatsRequest, "chat_id">): Promise<Record<string, number>> =>
    Object.fromEntries((await stats(wanted)).days.map(({ date, message_count }) => [date, message_count]));

  it("count what is not deleted: in all, by day and by member, who left among them", async () => {
    expect(await stats()).to.deep.equal({
      chat_id,
      message_count: 6,
      first_message_at: "2026-09-01T00:30:00.000Z",
      last_message_at: "2026-09-05T10:00:00.000Z",
      days: [
        { date: "2026-09-01", message_count: 3 },
        { date: "2026-09-02", message_count: 2 },
        { date: "2026-09-05", message_count: 1 },
      ],
      members: [
        { user_id: bob, first_name: "Bob", last_name: "Baker", message_count: 3 },
        { user_id: alice, first_name: "Alice", last_name: "Adams", message_count: 2 },
        { user_id: carol, first_name: "Carol", last_name: "Cook", message_count: 1 },
      ],
    });
  });

  it("days begin where the time zone says", async () => {
    expect(await days({ time_zone: "Europe/Moscow" })).to.deep.equal({
      "2026-09-01": 2,
      "2026-09-02": 2,
      "2026-09-03": 1,
      "2026-09-05": 1,
    });
    expect(await days({ time_zone: "America/New_York" })).to.deep.equal({
      "2026-08-31": 1,
      "2026-09-01": 2,
      "2026-09-02": 2,
      "2026-09-05": 1,
    });
  });

  it("both bounds are part of the span, in the time zone", async () => {
    expect(await days({ start_date: "2026-09-02", end_date: "2026-09-02" })).to.deep.equal({ "2026-09-02": 2 });
    const moscow = { time_zone: "Europe/Moscow" };
    expect(await days({ ...moscow, start_date: "2026-09-03" })).to.deep.equal({ "2026-09-03": 1, "2026-09-05": 1 });
    expect(await days({ ...moscow, end_date: "2026-09-02" })).to.deep.equal({ "2026-09-01": 2, "2026-09-02": 2 });
  });

  it("a span without messages has no first and no last", async () => {
    const empty = await stats({ start_date: "2027-01-01" });
    expect(empty).to.deep.equal({
      chat_id,
      message_count: 0,
      first_message_at: undefined,
      last_message_at: undefined,
      days: [],
      members: [],
    });
  });

  it("days and time zones that do not exist are refused", async () => {
    const wrong: Omit<GetChatStatsRequest, "chat_id">[] = [
      { start_date: "2026-02-30" },
      { start_date: "2026-13-01" },
      { end_date: "2025-02-29" },
      { end_date: "0000-01-01" },
      { start_date: "2026-09-02", end_date: "2026-09-01" },
      { time_zone: "Europe/Lyceum" },
      // Some lists of time zones have this one, and Postgres's has not.
      { time_zone: "Asia/Hanoi" },
      { time_zone: "+03:00" },
      // Summer time or none, Israel or India, Bangladesh or Britain: each list has its own answer.
      { time_zone: "CET" },
      { time_zone: "IST" },
      { time_zone: "bst" },
      { time_zone: "'; drop table messages" },
    ];
    for (const wanted of wrong)
      expect((await refusal(stats(wanted))).reason, JSON.stringify(wanted)).to.equal("INVALID_DATE");
    for (const fine of [{ start_date: "2024-02-29" }, { end_date: "9999-12-31" }, { start_date: "0001-01-01" }])
      expect(await stats(fine)).to.include({ chat_id });
  });

  it("time zones that are known here are known to Postgres", async () => {
    for (const time_zone of [
      ...Intl.supportedValuesOf("timeZone").slice(0, 30),
      "utc",
      "GMT",
      "EST5EDT",
      "Etc/GMT+3",
    ]) {
      const answer = await stats({ time_zone });
      expect(answer.message_count).to.equal(6);
    }
  });

  it("are for members alone", async () => {
    expect((await refusal(stats({}, carol))).detail).to.equal(`Chat with id=${chat_id} not found`);
  });
});
