// One person's dear searches, as many at once as they like, delay only that person.
import { expect } from "chai";
import pg from "pg";
import { testServer, type TestServer } from "../support/server.js";
import { newPerson, type Person, type Reply } from "./person.js";

const ofCaller = "All connections that one caller may have are busy";

describe("while one person sends forty dear searches at once", function () {
  this.timeout(120_000);
  let server: TestServer;
  let greedy: Person;
  let honest: Person;
  let chatId: number;

  before(async () => {
    // Three connections: two for one person, and one for the others.
    server = await testServer({ DATABASE_POOL: "3" });
    [greedy, honest] = [await newPerson(() => server.url), await newPerson(() => server.url)];
    const dear = await greedy.chat("Dear");
    chatId = await honest.chat("Honest");
    await honest.call("POST", `/v1/chats/${chatId}/messages`, { text: "tea" });
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    // A phrase of two words that stand in every text: each of the texts is read and cut into words.
    await client.query(
      `insert into messages (chat_id, seq, sender_id, text, created_at)
       select $1, n, $2, (select left(string_agg('w' || (i * 7 + n) % 60 || ' x' || (i * i + n) % 300, ' '), 5000)
                            from generate_series(1, 900) i where n = n), now()
         from generate_series(1, 1500) n`,
      [dear, greedy.id],
    );
    await client.query("update chat_sequences set last_seq = 1500, message_count = 1500 where chat_id = $1", [dear]);
    await client.end();
    search = () => greedy.call("GET", `/v1/chats/${dear}/messages?query=${encodeURIComponent('"w1 x8"')}`);
  });
  after(() => server.close());
  let search: () => Promise<Reply>;

  it("others make chats, search, and find people without a refusal", async () => {
    let isOpen = true;
    const dear: Reply[] = [];
    const flood = Promise.all(
      Array.from({ length: 40 }, async () => {
        while (isOpen) dear.push(await search());
      }),
    );
    while (dear.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const replies: Reply[] = [];
    for (let round = 0; round < 5; round += 1) {
      replies.push(
        await honest.call("POST", "/v1/chats", { title: `round ${round}`, member_ids: [] }),
        await honest.call("GET", `/v1/chats/${chatId}/messages?query=tea`),
        await honest.call("GET", "/v1/users?query=karenina"),
        await honest.call("GET", "/v1/chats?query=round"),
      );
    }
    isOpen = false;
    await flood;
    expect(replies.filter(({ status }) => status >= 300).map(({ status, body }) => ({ status, body }))).to.deep.equal(
      [],
    );
    for (const { status, headers, body } of dear) {
      if (status === 200 || body["reason"] === "SEARCH_TOO_BROAD") continue;
      expect([status, headers["retry-after"]]).to.deep.equal([503, "1"]);
      // The second where the process itself used one of the three, so that the caller did not have two.
      expect(body["detail"]).to.be.oneOf([ofCaller, "All connections to the database are busy"]);
    }
    expect(
      dear.some(({ body }) => body["detail"] === ofCaller),
      "the flood was too small to matter",
    ).to.equal(true);
  });
});
