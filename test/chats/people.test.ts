import { expect } from "chai";
import type { Call } from "../../src/call.js";
import type { Database, Queries } from "../../src/platform/database/database.js";
import { openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";

describe("people beside a list", () => {
  let school: School;
  let people: number[];
  let chat_id: number;

  before(async () => {
    school = await openSchool();
    people = [];
    for (const _ of upTo(30)) people.push(await school.person());
    chat_id = await school.chat(...(people as [number, ...number[]]));
    for (const id of [...people, ...people].toReversed())
      await school.messages.sendMessage({ chat_id, text: "words", file_ids: [] }, school.as(id));
  });
  after(() => school.close());

  const lists = (include: string[]): Record<string, (call: Call) => Promise<{ people: { id: number }[] }>> => ({
    listMessages: (call) =>
      school.messages.listMessages(
        { chat_id, limit: 100, include, created_after: undefined, created_before: undefined },
        call,
      ),
    listChats: (call) => school.chats.listChats({ include }, call),
    getChat: (call) => school.chats.getChat({ chat_id, limit: 100, include }, call),
    listChatMembers: (call) => school.chats.listChatMembers({ chat_id, limit: 100, include }, call),
  });
  const named: Record<string, number> = { listMessages: 30, listChats: 1, getChat: 30, listChatMembers: 30 };

  /** The names of the statements of a call, in their order. */
  async function statementsOf(act: (call: Call) => Promise<object>): Promise<string[]> {
    const names: string[] = [];
    const call = school.as(people[0]!);
    const over = (queries: Queries): Queries => ({
      one: (statement, values) => (names.push(statement.name), queries.one(statement, values)),
      many: (statement, values) => (names.push(statement.name), queries.many(statement, values)),
    });
    const database: Database = {
      ...over(call.database),
      transaction: undefined!,
      afterCommit: undefined!,
      with: undefined!,
    };
    await act({ ...call, database });
    return names;
  }

  for (const name of Object.keys(named)) {
    it(`cost ${name} one statement, however many they are, and none when they are not asked for`, async () => {
      const without = await statementsOf((call) => lists([])[name]!(call));
      expect(without).not.to.include("find-users");
      const withPeople = await statementsOf((call) => lists(["people"])[name]!(call));
      expect(withPeople).to.deep.equal([...without, "find-users"]);
    });

    it(`are in ${name} each once, in the order of their ids`, async () => {
      const answer = await lists(["people"])[name]!(school.as(people[0]!));
      const ids = answer.people.map(({ id }) => id);
      expect(ids).to.have.length(named[name]!);
      expect(ids).to.deep.equal([...new Set(ids)].sort((a, b) => a - b));
      expect((await lists([])[name]!(school.as(people[0]!))).people).to.deep.equal([]);
    });
  }

  it("a chat and its messages are of one moment, while twenty send", async () => {
    let sending = true;
    const senders = upTo(20).map(async (number) => {
      for (const _ of upTo(15))
        await school.messages.sendMessage({ chat_id, text: "words", file_ids: [] }, school.as(people[number]!));
    });
    const done = Promise.all(senders).then(() => (sending = false));
    while (sending) {
      const { chat, messages } = await school.chats.getChat({ chat_id, limit: 3, include: [] }, school.as(people[0]!));
      const { last_seq } = chat!;
      expect(messages.map(({ seq }) => seq)).to.deep.equal([last_seq, last_seq - 1, last_seq - 2]);
    }
    await done;
  });
});
