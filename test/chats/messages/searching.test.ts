// Whatever a person types into a search is an answer or SEARCH_TOO_BROAD: no text reaches a parser that refuses it.
import { expect } from "chai";
import { ApiError } from "../../../src/errors.js";
import { openSchool, type School } from "../../support/call-as.js";
import { seeded, upTo } from "../../support/numbers.js";

describe("a search", function () {
  this.timeout(60_000);
  let school: School;
  let alice: number;
  let chat_id: number;

  before(async () => {
    school = await openSchool();
    alice = await school.person();
    chat_id = await school.chat(alice);
    const texts = ["tea", "it's a \\ path", "see https://example.org/a_b?c=d", "'quoted' \"words\"", "кот и пёс"];
    await school.messages.batchSendMessages(
      { chat_id, messages: texts.map((text) => ({ text, file_ids: [] })) },
      school.as(alice),
    );
  });
  after(() => school.close());

  const request = { created_after: undefined, created_before: undefined };
  const find = async (query: string): Promise<string[]> => {
    const { messages } = await school.messages.listMessages(
      { ...request, include: [], chat_id, query },
      school.as(alice),
    );
    return messages.map(({ text }) => text);
  };
  /** Undefined for an answer, and SEARCH_TOO_BROAD for a refusal. Any other error is thrown on. */
  const refusalOf = async (search: Promise<unknown>): Promise<string | undefined> => {
    try {
      await search;
      return undefined;
    } catch (error) {
      if (error instanceof ApiError && error.reason === "SEARCH_TOO_BROAD") return error.reason;
      throw error;
    }
  };
  const searches: Readonly<Record<string, { most: number; ask: (query: string) => Promise<unknown> }>> = {
    messages: { most: 200, ask: find },
    users: { most: 100, ask: (query) => school.users.listUsers({ user_ids: [], query }, school.as(alice)) },
    chats: { most: 100, ask: (query) => school.chats.listChats({ include: [], query }, school.as(alice)) },
  };

  const runs = [
    "-",
    "--",
    "'",
    '"',
    "\\",
    "!",
    "|",
    "&",
    "(",
    ")",
    "<->",
    ":*",
    "or ",
    " -",
    "-a ",
    "a -",
    '-"a" ',
    "%",
    "_",
  ]
    .concat([
      "а́",
      "ﬀ",
      "\u{1d15e}",
      "\u200d",
      "🏳️‍🌈",
      "\u0338",
      "İ",
      "Ⱥ",
      "\u0958",
      "\u202e",
      "\t",
      "\n",
      "1e9 ",
      "a@b.c ",
    ])
    .concat(["a.b/c?d ", "<b>", "-5 ", "и ", "the ", "\ud7ff", "\uffff", "&amp;", "0x", "\u0001"]);

  for (const [what, { most, ask }] of Object.entries(searches)) {
    it(`of ${what} takes each run of marks up to the greatest length`, async () => {
      for (const run of runs) {
        for (const length of [1, 32, 33, 34, most]) {
          const query = [...run.repeat(length)].slice(0, length).join("").trim();
          await refusalOf(ask(query)).catch((error: unknown) => {
            throw new Error(`${JSON.stringify(query)}: ${String(error)}`);
          });
        }
      }
    });

    it(`of ${what} takes texts of all kinds of marks`, async () => {
      const random = seeded(most);
      for (const _ of upTo(400)) {
        const parts = upTo(1 + random(60)).map(() => (random(3) === 0 ? letter(random) : runs[random(runs.length)]!));
        const query = [...parts.join("")].slice(0, most).join("").trim();
        await refusalOf(ask(query)).catch((error: unknown) => {
          throw new Error(`${JSON.stringify(query)}: ${String(error)}`);
        });
      }
    });
  }

  it("finds words in spite of the marks around them", async () => {
    for (const query of [
      "tea",
      "(tea)",
      "tea & | ! ( )",
      "tea:*",
      "!tea",
      "'tea'",
      '"tea"',
      "tea --",
      "- tea",
      "--tea",
    ])
      expect(await find(query), query).to.deep.equal(["tea"]);
    expect(await find("it's path")).to.deep.equal(["it's a \\ path"]);
    expect(await find("a\\path")).to.deep.equal(["it's a \\ path"]);
    expect(await find("'quoted'")).to.deep.equal(["'quoted' \"words\""]);
    expect(await find("example.org/a_b?c=d")).to.have.length(1);
  });

  it("of stop words alone finds them, and of nothing but signs what has them", async () => {
    for (const query of ["!!", "-", "\\\\", '"', "<->", "the -tea", "и -кот", '"и" -кот'])
      expect(await find(query), query).to.deep.equal([]);
    expect(await find("и")).to.deep.equal(["кот и пёс"]);
    expect(await find("")).to.have.length(5);
  });

  it("that only excludes finds what it says, and is refused where nothing does", async () => {
    const other = await school.chat(alice);
    const messages = ["-5 at night", "5 in the morning", 'tea -"black tea"'].map((text) => ({ text, file_ids: [] }));
    await school.messages.batchSendMessages({ chat_id: other, messages }, school.as(alice));
    const findThere = async (query: string): Promise<string[]> => {
      const found = await school.messages.listMessages(
        { ...request, include: [], chat_id: other, query },
        school.as(alice),
      );
      return found.messages.map(({ text }) => text);
    };
    expect(await findThere("-5")).to.deep.equal(["-5 at night"]);
    expect(await findThere('-"black tea"')).to.deep.equal(['tea -"black tea"']);
    expect(await refusalOf(findThere("-night"))).to.equal("SEARCH_TOO_BROAD");
    expect(await findThere("morning -night")).to.deep.equal(["5 in the morning"]);
  });

  it("that only excludes, or has more than fifty words, is refused", async () => {
    for (const query of ["-tea", '-"black tea" -milk', '-"tea', "-tea --"])
      expect(await refusalOf(find(query)), query).to.equal("SEARCH_TOO_BROAD");
    const words = (count: number): string =>
      upTo(count)
        .map((n) => n.toString(36))
        .join(" ");
    expect(await refusalOf(find(words(51)))).to.equal("SEARCH_TOO_BROAD");
    expect(await refusalOf(find(words(50)))).to.equal(undefined);
    expect(await refusalOf(find("a ".repeat(100).trim())), "one word is counted once").to.equal(undefined);
  });
});

/** A character of any plane, without surrogates and NUL. */
function letter(random: (bound: number) => number): string {
  const code = 1 + random([0x7f, 0x500, 0xd7fe, 0x10fffe][random(4)]!);
  return code >= 0xd800 && code < 0xe000 ? "x" : String.fromCodePoint(code);
}
