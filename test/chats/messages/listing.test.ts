import { expect } from "chai";
import type { ListMessagesRequest, Message } from "../../../src/gen/lyceum/v1/message.js";
import { openSchool, type School } from "../../support/call-as.js";
import { seeded, upTo } from "../../support/numbers.js";
import { refusal } from "../../support/outcomes.js";

const minute = (number: number): string => new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString();

describe("listing messages", () => {
  let school: School;
  let alice: number;
  let bob: number;
  let carol: number;
  let chat_id: number;

  before(async () => {
    school = await openSchool();
    [alice, bob, carol] = [await school.person(), await school.person(), await school.person()];
  });
  after(() => school.close());
  beforeEach(async () => {
    chat_id = await school.chat(alice, bob);
  });

  type Wanted = Partial<ListMessagesRequest>;
  const request = (wanted: Wanted): ListMessagesRequest => ({
    chat_id,
    include: [],
    created_after: undefined,
    created_before: undefined,
    ...wanted,
  });
  const list = (wanted: Wanted = {}, as = alice) => school.messages.listMessages(request(wanted), school.as(as));
  const say = (as: number, ...texts: string[]) =>
    school.messages
      .batchSendMessages({ chat_id, messages: texts.map((text) => ({ text, file_ids: [] })) }, school.as(as))
      .then(({ messages }) => messages);
  const find = async (query: string): Promise<string[]> => (await list({ query })).messages.map(({ text }) => text);

  /** The messages of all pages; `between` runs after each page. */
  async function walk(wanted: Wanted, between = async () => {}): Promise<Message[]> {
    const all: Message[] = [];
    for (let page_token = ""; ;) {
      const page = await list({ ...wanted, ...(page_token ? { page_token } : {}) });
      all.push(...page.messages);
      page_token = page.next_page_token;
      if (!page_token) return all;
      await between();
    }
  }

  it("the newest messages come first, twenty to a page by default", async () => {
    await say(alice, ...upTo(25).map(String));
    const page = await list();
    expect(page.messages.map(({ seq }) => seq)).to.deep.equal(upTo(25).reverse().slice(0, 20));
    const rest = await list({ page_token: page.next_page_token });
    expect(rest.messages.map(({ seq }) => seq)).to.deep.equal([5, 4, 3, 2, 1]);
    expect(rest.next_page_token).to.equal("");
  });

  it("a page that is exactly full has no next one", async () => {
    await say(alice, "1", "2");
    expect((await list({ limit: 2 })).next_page_token).to.equal("");
    expect((await list({ limit: 1 })).next_page_token).not.to.equal("");
  });

  it("a list is empty for an empty chat, and refused to outsiders", async () => {
    expect(await list()).to.deep.equal({ messages: [], next_page_token: "", people: [] });
    expect((await refusal(list({}, carol))).detail).to.equal(`Chat with id=${chat_id} not found`);
    await say(alice, "words");
    for (const wanted of [{}, { query: "words" }, { sender_id: alice }, { skip: 0 }, { sort: "created_at" }])
      expect((await refusal(list(wanted, carol))).reason).to.equal("CHAT_NOT_FOUND");
  });

  it("pages neither shift nor repeat while messages arrive, in both orders", async () => {
    await say(alice, ...upTo(50).map(String));
    const arriving = async (): Promise<void> => {
      await say(bob, "new", "new");
    };
    const newestFirst = await walk({ limit: 7 }, arriving);
    expect(newestFirst.map(({ seq }) => seq)).to.deep.equal(upTo(50).reverse());
    const before = (await list({ limit: 1 })).messages[0]!.seq;
    let left = 5;
    const oldestFirst = await walk({ limit: 7, sort: "created_at" }, async () => {
      if (left-- > 0) await arriving();
    });
    expect(oldestFirst.map(({ seq }) => seq)).to.deep.equal(upTo(before + 10));
  });

  it("who asks for what is after the last message that they have gets each message once, while twenty send", async () => {
    const senders = Promise.all(
      upTo(20).map(async (number) => {
        for (const _ of upTo(5)) await say(number % 2 ? alice : bob, "one", "two");
      }),
    );
    let isSending = true;
    void senders.finally(() => (isSending = false));
    const got: number[] = [];
    for (let isLast = false; !isLast;) {
      // All has been sent before the last round.
      isLast = !isSending;
      const news = await walk({ after_seq: got.at(-1) ?? 0, sort: "created_at", limit: 7 });
      got.push(...news.map(({ seq }) => seq));
    }
    await senders;
    expect(got).to.deep.equal(upTo(200));
    expect(await list({ after_seq: 200 })).to.deep.equal({ messages: [], next_page_token: "", people: [] });
    const newestFirst = await walk({ after_seq: 150, limit: 7 }, async () => void (await say(bob, "late")));
    expect(newestFirst.map(({ seq }) => seq)).to.deep.equal(upTo(200).slice(150).reverse());
  });

  it("filters, alone and together, select what a plain search of all messages selects", async () => {
    const random = seeded(3);
    for (const _ of upTo(40))
      await say([alice, bob][random(2)]!, ["tea and cake", "coffee", "чай с тортом"][random(3)]!);
    await school.sql(
      `update messages set created_at = timestamptz '2026-01-01T00:00:00Z' + (seq / 3) * interval '1 minute' where chat_id = $1`,
      [chat_id],
    );
    const all = await walk({ limit: 100 });
    expect(all).to.have.length(40);
    for (const _ of upTo(60)) {
      const wanted: Wanted = {
        ...(random(3) === 0 && { sender_id: [alice, bob, carol][random(3)]! }),
        ...(random(3) === 0 && { exclude_sender_id: [alice, bob, carol][random(3)]! }),
        ...(random(3) === 0 && { created_after: minute(random(16) - 1) }),
        ...(random(3) === 0 && { created_before: minute(random(16) - 1) }),
        ...(random(4) === 0 && { query: ["cake", "торт", "none"][random(3)]! }),
        ...(random(3) === 0 && { after_seq: random(42) }),
        ...(random(2) === 0 && { sort: "created_at" }),
      };
      const skip = random(2) === 0 ? random(6) : undefined;
      const expected = all.filter(
        ({ sender_id, created_at, text, seq }) =>
          (wanted.after_seq === undefined || seq > wanted.after_seq) &&
          (wanted.sender_id === undefined || sender_id === wanted.sender_id) &&
          (wanted.exclude_sender_id === undefined || sender_id !== wanted.exclude_sender_id) &&
          (!wanted.created_after || created_at! > wanted.created_after) &&
          (!wanted.created_before || created_at! < wanted.created_before) &&
          (wanted.query === undefined || text.includes(wanted.query)),
      );
      if (wanted.sort) expected.reverse();
      const seqs = expected.map(({ seq }) => seq);
      expect(
        (await walk({ ...wanted, limit: 3 })).map(({ seq }) => seq),
        JSON.stringify(wanted),
      ).to.deep.equal(seqs);
      if (skip !== undefined) {
        const page = await list({ ...wanted, limit: 5, skip });
        expect(page.messages.map(({ seq }) => seq)).to.deep.equal(seqs.slice(skip, skip + 5));
        if (page.next_page_token) {
          const next = await list({ ...wanted, limit: 5, page_token: page.next_page_token });
          expect(next.messages.map(({ seq }) => seq)).to.deep.equal(seqs.slice(skip + 5, skip + 10));
        }
      }
    }
  });

  it("a page token is valid for the list and the filters that it was made for", async () => {
    await say(alice, "1", "2", "3");
    const { next_page_token: page_token } = await list({ limit: 1 });
    for (const wanted of [
      { sort: "created_at" },
      { sender_id: alice },
      { query: "1" },
      { after_seq: 0 },
      { chat_id: await school.chat(alice) },
    ])
      expect((await refusal(list({ ...wanted, page_token }))).reason).to.equal("INVALID_PAGE_TOKEN");
    expect((await refusal(list({ page_token, skip: 1 }))).reason).to.equal("MALFORMED_REQUEST");
    expect((await list({ page_token, limit: 2 })).messages.map(({ seq }) => seq)).to.deep.equal([2, 1]);
  });

  it("a query finds all Russian and English forms of a word", async () => {
    await say(
      alice,
      "Контрольная будет в пятницу",
      "She was testing the engines",
      "Ёжик и ёлка",
      "nothing of the kind",
    );
    expect(await find("контрольную")).to.deep.equal(["Контрольная будет в пятницу"]);
    expect(await find("КОНТРОЛЬНЫЕ пятница")).to.deep.equal(["Контрольная будет в пятницу"]);
    expect(await find("engine tests")).to.deep.equal(["She was testing the engines"]);
    expect(await find("ежики")).to.deep.equal(["Ёжик и ёлка"]);
    expect(await find("елка")).to.deep.equal(["Ёжик и ёлка"]);
    expect(await find("контрольная engine")).to.deep.equal([]);
  });

  it("a query finds a letter in each of its Unicode forms", async () => {
    // NFD, as some keyboards write it: the letter, followed by a combining character.
    const [apart, whole] = ["йогурт и чай".normalize("NFD"), "Йогурт"];
    expect(apart).not.to.equal(apart.normalize("NFC"));
    await say(alice, apart, whole);
    expect(await find("йогурт")).to.deep.equal([whole, apart]);
    expect(await find("йогурт".normalize("NFD"))).to.deep.equal([whole, apart]);
    expect(await find("чай")).to.deep.equal([apart]);
  });

  it("quotes make a phrase, and a minus excludes a word", async () => {
    await say(alice, "black tea", "tea, black", "green tea");
    expect(await find('"black tea"')).to.deep.equal(["black tea"]);
    expect(await find("tea -black")).to.deep.equal(["green tea"]);
    expect(await find('tea -"black tea"')).to.deep.equal(["green tea", "tea, black"]);
    expect(await find('"black tea')).to.deep.equal(["black tea"]);
    expect(await find("tea --black")).to.deep.equal(["tea, black", "black tea"]);
  });

  it("a deleted message is listed without its text, and found by no query", async () => {
    const [message] = await say(alice, "secret plans");
    await school.messages.deleteMessage({ message_id: message!.id }, school.as(alice));
    expect((await list()).messages[0]).to.include({ id: message!.id, text: "" });
    expect(await find("secret")).to.deep.equal([]);
    const kept = await school.sql("select from messages where text like '%secret%'");
    expect(kept).to.deep.equal([]);
  });

  it("an edited message is found by its new words only", async () => {
    const [message] = await say(alice, "coffee");
    await school.messages.updateMessage({ message_id: message!.id, text: "cocoa" }, school.as(alice));
    expect(await find("coffee")).to.deep.equal([]);
    expect(await find("cocoa")).to.deep.equal(["cocoa"]);
  });
});
