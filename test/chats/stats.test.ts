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
      const { id } = await school.messages.sendMessage({ chat_id, text: "text", file_ids: [] }, school.as(sender));
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

  it("count undeleted messages in total, by day and by member, former members included", async () => {
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

  it("count days in the time zone of the request", async () => {
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

  it("include both bounds of the span, in the time zone", async () => {
    expect(await days({ start_date: "2026-09-02", end_date: "2026-09-02" })).to.deep.equal({ "2026-09-02": 2 });
    const moscow = { time_zone: "Europe/Moscow" };
    expect(await days({ ...moscow, start_date: "2026-09-03" })).to.deep.equal({ "2026-09-03": 1, "2026-09-05": 1 });
    expect(await days({ ...moscow, end_date: "2026-09-02" })).to.deep.equal({ "2026-09-01": 2, "2026-09-02": 2 });
  });

  it("have no first and no last message for a span without messages", async () => {
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

  it("refuse days and time zones that do not exist", async () => {
    const wrong: Omit<GetChatStatsRequest, "chat_id">[] = [
      { start_date: "2026-02-30" },
      { start_date: "2026-13-01" },
      { end_date: "2025-02-29" },
      { end_date: "0000-01-01" },
      { start_date: "2026-09-02", end_date: "2026-09-01" },
      { time_zone: "Europe/Lyceum" },
      // Known to some time zone databases, and not to that of Postgres.
      { time_zone: "Asia/Hanoi" },
      { time_zone: "+03:00" },
      // Abbreviations mean different time zones in different databases.
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

  it("accept time zones that both Node and Postgres know", async () => {
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
