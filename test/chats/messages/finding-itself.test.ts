// Whatever was sent is found by itself, and by each of its words.
import { expect } from "chai";
import { searchTerms } from "../../../src/chats/messages/search-terms.js";
import { openSchool, type School } from "../../support/call-as.js";
import { repeats, seeded, upTo } from "../../support/numbers.js";
import { text, wordsOf } from "./texts.js";

describe("a message", function () {
  this.timeout(120_000);
  let school: School;
  let alice: number;

  before(async () => {
    school = await openSchool();
    alice = await school.person();
  });
  after(() => school.close());

  /** Sends texts into a chat of their own. Resolves with a function that finds those that a search returns. */
  async function send(texts: readonly string[]): Promise<(query: string) => Promise<Set<string>>> {
    const chat_id = await school.chat(alice);
    for (let at = 0; at < texts.length; at += 100) {
      const messages = texts.slice(at, at + 100).map((each) => ({ text: each, file_ids: [] }));
      await school.messages.batchSendMessages({ chat_id, messages }, school.as(alice));
    }
    return async (query) => {
      const request = { created_after: undefined, created_before: undefined, include: [], limit: 100, chat_id, query };
      const { messages } = await school.messages.listMessages(request, school.as(alice));
      return new Set(messages.map((each) => each.text));
    };
  }

  const stopWordsOf = async (words: readonly string[]): Promise<Set<string>> => {
    const rows = await school.sql<{ word: string }>(
      "select word from unnest($1::text[]) as word where text_lexemes('russian', word) = ''",
      [words],
    );
    return new Set(rows.map(({ word }) => word));
  };

  it("of each kind is found by itself and by its words", async () => {
    const random = seeded(1);
    const texts = [...new Set(upTo(90).map(() => text(random)))].filter(Boolean);
    const find = await send(texts);
    const stopWords = await stopWordsOf(texts.flatMap(wordsOf));
    for (const each of texts) {
      expect(await find(each), JSON.stringify(each)).to.include(each);
      for (const word of wordsOf(each)) {
        if (stopWords.has(word)) continue;
        expect(await find(word), `${JSON.stringify(word)} of ${JSON.stringify(each)}`).to.include(each);
      }
    }
  });

  it("of thousands is found by itself and by its words", async () => {
    const random = seeded(2);
    const pairs: { text: string; query: string; wanted: readonly string[]; excluded: readonly string[] }[] = [];
    for (const _ of upTo(repeats(2_000, 10_000))) {
      const made = text(random);
      for (const query of made === "" ? [] : [made, ...wordsOf(made)])
        pairs.push({ text: made, query, ...searchTerms(query) });
    }
    const missed = await school.sql<{ text: string; query: string }>(
      `select text, query
         from jsonb_to_recordset($1) as pair (text text, query text, wanted text[], excluded text[]),
              text_lexemes('all_words', text) as lexemes
        where not lexemes @@ text_query(wanted, excluded)
          and not (excluded <> '{}' and lexemes @@ text_query(wanted || excluded, '{}')
                   and strpos(text_key(text), text_key(query)) > 0)
        limit 20`,
      [JSON.stringify(pairs)],
    );
    expect(missed).to.deep.equal([]);
    // A word in rare letters sends the same text the long way.
    const unlike = await school.sql(
      `select text from jsonb_to_recordset($1) as pair (text text)
        where ts_delete(text_lexemes('all_words', text || ' zz \u0300z'), array['zz', 'z\u0300', 'z']) <>
              ts_delete(text_lexemes('all_words', text || ' zz zz'), array['zz', 'z\u0300', 'z'])
        limit 5`,
      [JSON.stringify(pairs)],
    );
    expect(unlike, "texts that are read otherwise on the short way").to.deep.equal([]);
  });

  it("is found after the index was built again, as a restored database does", async () => {
    const find = await send(["https://example.org/abc", ":)"]);
    await school.sql("reindex index messages_search");
    expect(await find("https://example.org/abc")).to.include("https://example.org/abc");
    expect(await find(":)")).to.include(":)");
  });
});
