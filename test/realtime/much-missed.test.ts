// Who has missed thousands of updates is told all of them in parts, by the long poll and by the stream; and a request that waits is answered
// when the server stops.
import { request } from "node:http";
import { expect } from "chai";
import pg from "pg";
import { newPerson, type Person } from "../resilience/person.js";
import { testServer, type TestServer } from "../support/server.js";

const chats = 10;
const missedOfEach = 480;

interface Answer {
  readonly updates: readonly { readonly topic: string; readonly pts: number }[];
  readonly topics: readonly unknown[];
  readonly missing: readonly string[];
  readonly cursor: string;
}

describe("thousands of missed updates", () => {
  let server: TestServer;
  let person: Person;
  let cursor: string;

  before(async () => {
    server = await testServer();
    person = await newPerson(() => server.url);
    const ids: number[] = [];
    while (ids.length < chats) ids.push(await person.chat(`Chat ${ids.length}`));
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ topic: string; before: number }>(
      `with place as (
         insert into update_topics as t (topic, pts) select 'chat:' || id, $2 from unnest($1::bigint[]) id
         on conflict (topic) do update set pts = t.pts + $2 returning topic, pts - $2 as before
       ), told as (
         insert into updates (topic, pts, kind, subject_id, actor_id)
         select topic, before + n, 'member.changed', 1, null from place, generate_series(1, $2::integer) n order by topic, n
       )
       select topic, before::float8 from place`,
      [ids, missedOfEach],
    );
    await client.end();
    cursor = rows.map(({ topic, before }) => `${topic}=${before}`).join(",");
  });
  after(() => server.close());

  /** Takes what an answer tells; each update must be the next of its topic. */
  const taker = () => {
    const places = new Map(cursor.split(",").map((place) => place.split("=") as [string, string]));
    let count = 0;
    return {
      take: ({ updates, topics, missing }: Answer): void => {
        expect([...topics, ...missing]).to.deep.equal([]);
        for (const { topic, pts } of updates) {
          expect(pts, topic).to.equal(Number(places.get(topic)) + 1);
          places.set(topic, String(pts));
          count += 1;
        }
      },
      get count(): number {
        return count;
      },
    };
  };

  it("come by the long poll in several answers", async () => {
    const taken = taker();
    let answers = 0;
    for (let at = cursor; taken.count < chats * missedOfEach; answers += 1) {
      const { status, body } = await person.call("GET", `/v1/updates?cursor=${encodeURIComponent(at)}`);
      expect(status).to.equal(200);
      taken.take(body as unknown as Answer);
      at = body["cursor"] as string;
      expect(answers, "answers").to.be.lessThan(20);
    }
    expect(answers).to.be.greaterThan(1);
  });

  it("come by the stream in several events", async () => {
    const taken = taker();
    const sent = request(`${server.url}/v1/updates/stream`, {
      headers: { authorization: `Bearer ${person.token}`, "last-event-id": cursor },
    }).end();
    try {
      await new Promise<void>((resolve, reject) => {
        sent.on("error", reject).on("response", (incoming) => {
          let text = "";
          incoming.setEncoding("utf8").on("data", (part: string) => {
            const events = (text + part).split("\n\n");
            text = events.pop()!;
            for (const event of events) {
              const data = /^data: (.*)$/m.exec(event)?.[1];
              if (data !== undefined) taken.take(JSON.parse(data) as Answer);
            }
            if (taken.count === chats * missedOfEach) resolve();
          });
          incoming.on("end", () => reject(new Error(`the stream ends after ${taken.count}`)));
        });
      });
    } finally {
      sent.destroy();
    }
  });

  it("leave a long poll that waits, which is answered when the server stops", async () => {
    const other = await testServer();
    const reader = await newPerson(() => other.url);
    const waiting = reader.call("GET", "/v1/updates?topics=school&wait_seconds=25");
    const first = await reader.call("GET", "/v1/updates?topics=school");
    const at = encodeURIComponent(first.body["cursor"] as string);
    // The one above had to tell where the topic begins; this one has nothing to tell.
    expect((await waiting).status).to.equal(200);
    const silent = reader.call("GET", `/v1/updates?cursor=${at}&wait_seconds=25`);
    // Accepted before another one that is answered.
    expect((await reader.call("GET", "/v1/chats")).status).to.equal(200);
    const stopped = other.close();
    const { status, body } = await silent;
    expect(status).to.equal(200);
    expect(body["cursor"]).to.equal(first.body["cursor"]);
    await stopped;
  });
});
