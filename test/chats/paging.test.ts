import { expect } from "chai";
import { updateMember } from "../../src/chats/members/store.js";
import { insertMessage } from "../../src/chats/messages/store.js";
import { updateChat } from "../../src/chats/store.js";
import type { Queries } from "../../src/platform/database/database.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { changeUser } from "../../src/users/profile/change.js";
import { repeats, seeded, upTo } from "../support/numbers.js";

describe("pages of lists that change between them", () => {
  let school: School;
  let alice: number;
  let bob: number;

  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());
  beforeEach(async () => {
    [alice, bob] = [await school.person("Alice", "Adams"), await school.person("Bob", "Baker")];
  });

  type Page = { readonly ids: number[]; readonly next: string };
  type ReadPage = (page_token?: string) => Promise<Page>;

  const chatsOf =
    (as: number, sort: string, limit: number): ReadPage =>
    async (page_token) => {
      const { chats, next_page_token } = await school.chats.listChats(
        { include: [], sort, limit, ...(page_token && { page_token }) },
        school.as(as),
      );
      return { ids: chats.map(({ id }) => id), next: next_page_token };
    };
  const membersOf =
    (chat_id: number, limit: number): ReadPage =>
    async (page_token) => {
      const { members, next_page_token } = await school.chats.listChatMembers(
        { include: [], chat_id, limit, ...(page_token && { page_token }) },
        school.as(alice),
      );
      return { ids: members.map(({ user_id }) => user_id), next: next_page_token };
    };
  const usersOf =
    (limit: number): ReadPage =>
    async (page_token) => {
      const { users, next_page_token } = await school.users.listUsers(
        { user_ids: [], limit, ...(page_token && { page_token }) },
        school.as(alice),
      );
      return { ids: users.map(({ id }) => id), next: next_page_token };
    };
  const messagesOf =
    (chat_id: number, sort: string, limit: number): ReadPage =>
    async (page_token) => {
      const { messages, next_page_token } = await school.messages.listMessages(
        { include: [], chat_id, sort, limit, created_after: undefined, created_before: undefined, page_token },
        school.as(alice),
      );
      return { ids: messages.map(({ id }) => id), next: next_page_token };
    };

  async function walk(read: ReadPage, between: () => Promise<void> = async () => {}): Promise<number[]> {
    const seen: number[] = [];
    for (let page = await read(); ; page = await read(page.next)) {
      seen.push(...page.ids);
      if (!page.next) return seen;
      if (seen.length > 1_000) throw new Error("the pages have no end");
      await between();
    }
  }

  /** Every row that was there before and after is seen, and no row is seen twice. */
  function expectWhole(
    seen: readonly number[],
    before: readonly number[],
    after: readonly number[],
    what: string,
  ): void {
    const twice = seen.filter((id, at) => seen.indexOf(id) !== at);
    expect(twice, `twice in ${what}`).to.deep.equal([]);
    const lost = before.filter((id) => after.includes(id) && !seen.includes(id));
    expect(lost, `lost in ${what}`).to.deep.equal([]);
  }

  /** Makes all that was sent older. */
  const age = async (minutes = 1): Promise<void> => {
    const minute = `interval '${minutes} minutes'`;
    await school.sql(`update messages set created_at = created_at - ${minute}`);
    await school.sql(`update chat_sequences set last_message_at = last_message_at - ${minute}`);
    await school.sql(`update chats set created_at = created_at - ${minute}`);
  };

  const say = (chat_id: number, as = alice, text = "words") =>
    school.messages.sendMessage({ chat_id, text, file_ids: [] }, school.as(as));
  const make = async (title: string, ...member_ids: number[]): Promise<number> =>
    (await school.chats.createChat({ title, member_ids }, school.as(alice))).id;
  const rename = (chat_id: number, title: string) => school.chats.updateChat({ chat_id, title }, school.as(alice));
  const sorts = ["active_at", "created_at", "title"].flatMap((sort) => [sort, `-${sort}`]);

  for (const sort of sorts) {
    it(`chats by ${sort} are each on one page, whatever happens between the pages`, async () => {
      const random = seeded(sort.length * 7 + 1);
      for (const _ of upTo(25)) {
        const id = await make(`Title ${random(9)}`, bob);
        if (random(2) === 0) await say(id, [alice, bob][random(2)]);
      }
      for (const _ of upTo(3)) {
        const { id } = await school.chats.openDirectChat({ user_id: await school.person() }, school.as(alice));
        await say(id);
      }
      const happen = async (): Promise<void> => {
        for (const _ of upTo(1 + random(6))) {
          const ids = await walk(chatsOf(alice, "created_at", 100));
          const chat_id = ids[random(ids.length)]!;
          const act = random(7);
          if (act < 3) await say(chat_id);
          else if (act === 3) await rename(chat_id, `Title ${random(9)}`).catch(() => undefined);
          else if (act === 4) await make(`Title ${random(9)}`);
          else if (act === 5) {
            const { id: message_id } = await say(chat_id);
            if (random(2) === 0) await school.messages.deleteMessage({ message_id }, school.as(alice));
            else await school.messages.updateMessage({ message_id, text: "other words" }, school.as(alice));
          } else if (random(3) === 0)
            await school.chats.leaveChat({ chat_id, new_owner_id: bob }, school.as(alice)).catch(() => undefined);
        }
      };
      for (const limit of repeats([3, 2], [1, 3, 10, 2, 5])) {
        // Whether or not a message is so new that the moment of the first page needs a snapshot.
        if (limit === 2 || limit === 5) await age(limit);
        const before = await walk(chatsOf(alice, sort, 100));
        const seen = await walk(chatsOf(alice, sort, limit), happen);
        expectWhole(seen, before, await walk(chatsOf(alice, sort, 100)), `pages of ${limit}`);
        // It is the order of the first page.
        const kept = before.filter((id) => seen.includes(id));
        expect(seen.filter((id) => before.includes(id))).to.deep.equal(kept);
      }
    });

    it(`chats by ${sort} are each on one page while twenty send, rename and read at once`, async () => {
      const ids: number[] = [];
      for (const number of upTo(12)) ids.push(await make(`Title ${number % 4}`, bob));
      for (const id of ids) await say(id);
      let isOver = false;
      const busy = upTo(20).map(async (number) => {
        const random = seeded(number);
        while (!isOver) {
          const chat_id = ids[random(ids.length)]!;
          await (number < 15 ? say(chat_id, [alice, bob][number % 2]) : rename(chat_id, `Title ${random(9)}`));
        }
      });
      const readers = upTo(4).map(async (number) => {
        for (const _ of upTo(repeats(2, 5))) {
          const seen = await walk(chatsOf(alice, sort, number));
          expectWhole(seen, ids, ids, `pages of ${number}`);
        }
      });
      await Promise.all(readers).finally(() => (isOver = true));
      await Promise.all(busy);
    });
  }

  it("members are each on one page, whoever becomes an owner or a member, joins or leaves", async () => {
    const random = seeded(4);
    const people: number[] = [];
    for (const _ of upTo(25)) people.push(await school.person());
    const chat_id = await make("Rows", ...people.slice(0, 20));
    const happen = async (): Promise<void> => {
      for (const _ of upTo(1 + random(8))) {
        const user_id = people[random(people.length)]!;
        const role = random(2) === 0 ? "CHAT_ROLE_OWNER" : "CHAT_ROLE_MEMBER";
        const act = random(6);
        if (act < 4) await school.chats.updateChatMember({ chat_id, user_id, role }, school.as(alice)).catch(() => 0);
        else if (act === 4)
          await school.chats.addChatMember({ chat_id, user_id, role }, school.as(alice)).catch(() => 0);
        else if (random(3) === 0)
          await school.chats.removeChatMember({ chat_id, user_id }, school.as(alice)).catch(() => 0);
      }
    };
    for (const limit of repeats([2, 5], [1, 2, 3, 5, 8, 13])) {
      const before = await walk(membersOf(chat_id, 100));
      const gone = new Set<number>();
      const seen = await walk(membersOf(chat_id, limit), async () => {
        await happen();
        const now = await walk(membersOf(chat_id, 100));
        before.filter((id) => !now.includes(id)).forEach((id) => gone.add(id));
      });
      // Who left and came back was not there all the time.
      const stayed = before.filter((id) => !gone.has(id));
      expectWhole(
        seen.filter((id) => stayed.includes(id)),
        stayed,
        stayed,
        `pages of ${limit}`,
      );
      expect(seen.filter((id) => stayed.includes(id))).to.deep.equal(stayed);
    }
  });

  it("people and messages are each on one page, whoever registers or ends their account, and whatever is said", async () => {
    const random = seeded(6);
    const chat_id = await make("Rows", bob);
    for (const _ of upTo(20)) await say(chat_id);
    const leavers = [await school.account(), await school.account(), await school.account()];
    const happen = async (): Promise<void> => {
      await school.person("New", `Name ${random(9)}`);
      const leaver = random(4) === 0 ? leavers.pop() : undefined;
      if (leaver) await school.auth.deleteMe(leaver, leaver.call);
      const { id: message_id } = await say(chat_id, [alice, bob][random(2)]);
      const { messages } = await school.messages.listMessages(
        { include: [], chat_id, created_after: undefined, created_before: undefined, sender_id: alice },
        school.as(alice),
      );
      const other = messages[random(messages.length)]!;
      await school.messages.deleteMessage({ message_id: other.id }, school.as(alice)).catch(() => undefined);
      if (random(2) === 0)
        await school.messages.updateMessage({ message_id, text: "other" }, school.as(alice)).catch(() => undefined);
    };
    for (const limit of [3, 7]) {
      for (const read of [
        usersOf,
        (size: number) => messagesOf(chat_id, "created_at", size),
        (size: number) => messagesOf(chat_id, "-created_at", size),
      ]) {
        let left = 12;
        const before = await walk(read(100));
        const seen = await walk(read(limit), async () => void (left-- > 0 && (await happen())));
        expectWhole(seen, before, await walk(read(100)), `pages of ${limit}`);
      }
    }
  });

  /** Runs `change` in a transaction that is open while the first page is read, and committed before the second. */
  async function across(read: ReadPage, change: (queries: Queries) => Promise<unknown>, then: () => Promise<unknown>) {
    let first: Page | undefined;
    await school.database.transaction(async (queries) => {
      await change(queries);
      first = await read();
    });
    await then();
    const rest = first!.next ? await walk((token) => read(token ?? first!.next)) : [];
    return [...first!.ids, ...rest];
  }

  it("a message that was being sent while the first page was read moves its chat onto no other page", async () => {
    for (const sort of ["-active_at", "active_at"]) {
      for (const isEdited of [false, true]) {
        const ids: number[] = [];
        for (const number of upTo(6)) ids.push(await make(`Title ${number}`));
        for (const id of ids) await say(id);
        const whole = await walk(chatsOf(alice, sort, 100));
        for (const chat_id of ids) {
          let message_id = 0;
          const seen = await across(
            chatsOf(alice, sort, 3),
            async (queries) => {
              const sent = await insertMessage(queries, alice, { chat_id, text: "words", file_ids: [] }, undefined);
              message_id = sent!.id;
            },
            async () =>
              isEdited && (await school.messages.updateMessage({ message_id, text: "other" }, school.as(alice))),
          );
          expectWhole(seen, whole, whole, `${sort} of ${chat_id}`);
        }
      }
    }
  });

  it("a title and a role that were being changed while the first page was read move nothing onto another page", async () => {
    const people: number[] = [];
    for (const _ of upTo(5)) people.push(await school.person());
    const ids: number[] = [];
    for (const number of upTo(6)) ids.push(await make(`Title ${number}`, ...people));
    for (const sort of ["title", "-title"]) {
      for (const id of ids) {
        for (const title of ["A", "Z"]) {
          const change = (queries: Queries) => updateChat(queries, id, title, { named: [], areExcluded: true });
          const seen = await across(chatsOf(alice, sort, 3), change, async () => rename(id, "M"));
          expectWhole(seen, ids, ids, `${sort} of ${id}`);
        }
      }
    }
    const [chat_id] = ids as [number];
    for (const user_id of people) {
      for (const role of ["CHAT_ROLE_OWNER", "CHAT_ROLE_MEMBER"] as const) {
        const change = (queries: Queries) => updateMember(queries, chat_id, user_id, role);
        const seen = await across(membersOf(chat_id, 2), change, async () => 0);
        expectWhole(seen, [alice, ...people], [alice, ...people], `${role} of ${user_id}`);
      }
    }
  });

  it("a name that is changed, or was being changed while the first page was read, moves nobody and no direct chat onto another page", async () => {
    const people: number[] = [];
    const named = (number: number) => school.person("Same", `Name ${number}`);
    for (const number of upTo(7)) people.push(await named(number));
    const directs: number[] = [];
    for (const user_id of people) directs.push((await school.chats.openDirectChat({ user_id }, school.as(alice))).id);
    const chosen =
      (request: object): ReadPage =>
      async (page_token) => {
        const { users, next_page_token } = await school.users.listUsers(
          { user_ids: [], limit: 3, ...request, ...(page_token && { page_token }) },
          school.as(alice),
        );
        return { ids: users.map(({ id }) => id), next: next_page_token };
      };
    const lists: Readonly<Record<string, [ReadPage, number[]]>> = {
      "all people": [usersOf(4), people],
      "people found": [chosen({ query: "same" }), people],
      "people chosen": [chosen({ user_ids: people }), people],
      "chats by title": [chatsOf(alice, "title", 3), directs],
      "chats by title, the last first": [chatsOf(alice, "-title", 3), directs],
    };
    const call = (await school.account("ROLE_SUPER_ADMIN")).call;
    const rename = (user_id: number, first_name: string, last_name: string) =>
      school.administration.updateUser({ user_id, first_name, last_name }, call);
    for (const [what, [read, ids]] of Object.entries(lists)) {
      for (const id of people) {
        for (const [first, last] of [
          ["AA Same", "0 Aa"],
          ["Яя Same", "Яя"],
        ] as const) {
          const mine = (seen: number[]) => seen.filter((one) => ids.includes(one));
          const change = (queries: Queries) => changeUser(queries, id, { first_name: first, last_name: last });
          const back = async () => void (await rename(id, "Same", `Name ${people.indexOf(id) + 1}`));
          const during = await across(read, change, async () => 0);
          expectWhole(mine(during), ids, ids, `${what}, ${last} meanwhile`);
          await back();
          const between = await walk(read, async () => void (await rename(id, first, last)));
          expectWhole(mine(between), ids, ids, `${what}, ${last} between pages`);
          await back();
        }
      }
    }
  });

  it("the former names of somebody whose account has ended are kept nowhere", async () => {
    const [person, admin] = [await school.account(), await school.account("ROLE_SUPER_ADMIN")];
    await school.administration.updateUser({ user_id: person.id, last_name: "Новая" }, admin.call);
    const former = () => school.sql("select from user_former_names where user_id = $1", [person.id]);
    expect(await former()).to.have.length(1);
    await school.auth.deleteMe(person, person.call);
    expect(await former()).to.deep.equal([]);
  });

  it("a direct chat whose other person is gone is on a page all the same, and the name is kept nowhere", async () => {
    for (const sort of ["title", "-title"]) {
      for (const isFirst of [false, true]) {
        for (const number of upTo(4)) await make(`M ${number}`);
        const other = await school.account();
        await school.sql("update users set last_name = $2 where id = $1", [other.id, isFirst ? "Яяя" : "aaa"]);
        const { id } = await school.chats.openDirectChat({ user_id: other.id }, school.as(alice));
        let leaver: Account | undefined = other;
        const seen = await walk(chatsOf(alice, sort, 2), async () => {
          if (leaver) await school.auth.deleteMe(leaver, leaver.call);
          leaver = undefined;
        });
        expect(seen).to.include(id);
        expect(await school.sql("select former from chat_former_keys where chat_id = $1", [id])).to.deep.equal([
          { former: undefined },
        ]);
      }
    }
  });

  it("an unchanged page has the same token, whatever is changed elsewhere", async () => {
    const ids: number[] = [];
    for (const number of upTo(6)) ids.push(await make(`Title ${number}`, bob));
    for (const chat_id of ids) await say(chat_id);
    await rename(ids[0]!, "Another title");
    await school.chats.updateChatMember({ chat_id: ids[0]!, user_id: bob, role: "CHAT_ROLE_OWNER" }, school.as(alice));
    await age();
    const lists = [...sorts.map((sort) => chatsOf(alice, sort, 3)), membersOf(ids[0]!, 1)];
    const tokens = () => Promise.all(lists.map(async (read) => (await read()).next));
    const before = await tokens();
    const elsewhere = await school.chat(bob);
    await say(elsewhere, bob);
    await school.chats.updateChat({ chat_id: elsewhere, title: "Elsewhere" }, school.as(bob));
    // While any transaction runs, Postgres's own among them, a token has its snapshot.
    let after = await tokens();
    for (let tries = 0; tries < 100 && after.join() !== before.join(); tries++) after = await tokens();
    expect(after).to.deep.equal(before);
  });

  it("a token whose moment is none is refused, and one of many transactions is short enough", async () => {
    const { encodePageToken } = await import("../../src/platform/page.js");
    const { shortMoment } = await import("../../src/platform/list-moment.js");
    for (const number of upTo(3)) await make(`Title ${number}`);
    const ask = (moment: string) =>
      chatsOf(alice, "-active_at", 2)(encodePageToken(["chats", "-active_at", ""], [1, 1, moment]));
    for (const moment of [
      "",
      "x",
      "-1",
      "1 ",
      "1 5:4:",
      "1 0:4:",
      "1 4:5:5",
      "1 4:9:8,7",
      "1 4:9:3",
      "1 4:9:;",
      "-1 4:9:",
    ])
      await ask(moment).then(
        () => expect.fail(moment),
        (error: { reason: string }) => expect(error.reason, moment).to.equal("INVALID_PAGE_TOKEN"),
      );
    for (const moment of ["1", "1 4:9:4,8", "1 4:4:", "999999999999999 4:99:"]) await ask(moment);
    const running = upTo(400).map((number) => 1_000_000_000 + number);
    const long = `1795949943123 1000000000:1000009999:${running.join(",")}`;
    expect(shortMoment(long)).to.equal("1795949943123 1000000000:1000000000:");
    await ask(shortMoment(long));
    expect(shortMoment("1795949943123 5:9:6")).to.equal("1795949943123 5:9:6");
  });
});
