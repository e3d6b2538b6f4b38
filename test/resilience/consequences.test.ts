// What follows from acts, while the servers that do them and that make it are killed: each notification and each medal that is due
// exists once, and every count is what is counted anew.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { countChecks } from "../../src/services.js";
import { testDatabase, type TestDatabase } from "../support/database.js";
import { upTo } from "../support/numbers.js";
import { end, serve, type Server } from "../support/program.js";
import { newPerson, type Person, type Reply } from "./person.js";

const people = 5;

/** Rows that are wrong once all is done: what is due and missing, or there more than once. */
const faults = `
  with mention as (
    select m.id as message_id, u.id as user_id from messages m
      join users u on m.text like '@' || u.nick || ' %'
     where m.deleted_at is null
  )
  select 'mention of message ' || d.message_id as fault, count(n.id)::int as found
    from mention d left join notifications n
      on n.user_id = d.user_id and n.type = 'NOTIFICATION_TYPE_MENTION' and (n.payload -> 'mention' ->> 'message_id')::bigint = d.message_id
   group by d.message_id, d.user_id having count(n.id) <> 1
  union all
  select 'acceptance of ' || a.id, count(n.id)::int
    from achievements a left join notifications n
      on n.user_id = a.user_id and n.type = 'NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED' and (n.payload -> 'achievement_accepted' ->> 'achievement_id')::bigint = a.id
   where a.state = 'ACHIEVEMENT_STATE_ACCEPTED' group by a.id having count(n.id) <> 1
  union all
  select 'medal of ' || u.id, count(m.id)::int
    from users u left join user_medals m on m.user_id = u.id and m.medal_id = (select id from medals where threshold = 100 and counter = 'MEDAL_COUNTER_POINTS')
   where u.rating >= 100 group by u.id having count(m.id) <> 1
  union all
  select 'notification of medal ' || m.id, count(n.id)::int
    from user_medals m left join notifications n on n.user_id = m.user_id and n.type = 'NOTIFICATION_TYPE_MEDAL_AWARDED'
   group by m.id, m.user_id having count(n.id) <> (select count(*) from user_medals other where other.user_id = m.user_id)
  union all
  select 'telling of notification ' || n.id, count(u.id)::int
    from notifications n left join updates u on u.kind = 'notification.created' and u.subject_id = n.id
   group by n.id having count(u.id) <> 1`;

describe("what follows from acts, while their servers are killed", function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let client: pg.Client;
  let servers: Server[];

  beforeEach(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    servers = await Promise.all([open(), open()]);
    // Some of the records of how far a consumer has read fail, as those do that a kill comes before: a kill alone is rarely in between.
    await client.query(`
      create function lost() returns trigger language plpgsql as $$
      begin
        if random() < 0.3 then raise exception 'lost'; end if;
        return new;
      end $$;
      create trigger lost before update on update_consumers for each row when (old.last_id <> new.last_id) execute function lost()`);
  });
  afterEach(async () => {
    await end(...servers);
    await client.end();
    await database.drop();
  });

  const open = (): Promise<Server> =>
    serve({ env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32), RATE_FACTOR: "1000" } });

  /** Asks one of the servers until it has answered. */
  async function done(person: Person, verb: string, path: string, body?: object): Promise<Reply> {
    for (;;) {
      const reply = await person.call(verb, path, body as Record<string, unknown>).catch(() => undefined);
      if (reply && reply.status < 500 && reply.status !== 429) return reply;
      await delay(30);
    }
  }

  /** Writers, and kills of both servers in turn; then waits until everything is made. Returns the number of acts. */
  async function play(kills: number): Promise<number> {
    let turn = 0;
    const url = (): string => servers[turn++ % 2]!.url;
    const writers = await Promise.all(upTo(people).map(() => newPerson(url)));
    const teacher = await newPerson(url);
    await client.query("update users set role = 'ROLE_TEACHER' where id = $1", [teacher.id]);
    for (const { id } of writers) await client.query("update users set nick = 'nick' || id where id = $1", [id]);
    const { body } = await done(teacher, "POST", "/v1/auth/login", {
      email: teacher.email,
      password: teacher.password,
    });
    const headers = { authorization: `Bearer ${String(body["access_token"])}` };
    const chat = await done(writers[0]!, "POST", "/v1/chats", {
      title: "All",
      member_ids: writers.map(({ id }) => id),
    });
    expect(chat.status).to.equal(201);

    let isOver = false;
    let acts = 0;
    async function write(writer: Person): Promise<void> {
      for (let at = 0; !isOver; at++) {
        const other = writers[(writers.indexOf(writer) + 1 + (at % (people - 1))) % people]!;
        const text = `@nick${other.id} hello ${at}`;
        const sent = { text, client_message_id: `${writer.id}-${at}` };
        expect((await done(writer, "POST", `/v1/chats/${String(chat.body["id"])}/messages`, sent)).status).to.equal(
          201,
        );
        acts++;
        await delay(120);
      }
    }
    async function moderate(): Promise<void> {
      for (let at = 0; !isOver; at++) {
        const owner = writers[at % people]!;
        const { rows } = await client.query<{ id: number }>(
          `with file as (
             insert into files (owner_id, purpose, name, media_type, claimed_at)
             values ($1, 'FILE_PURPOSE_DIPLOMA', 'diploma.pdf', 'application/pdf', now()) returning id
           )
           insert into achievements (user_id, kind, title, description, file_id)
           select $1, 'ACHIEVEMENT_KIND_EVENT', 'Act ' || $2::text, '', id from file returning id`,
          [owner.id, at],
        );
        for (;;) {
          const answer = await fetch(`${url()}/v1/achievements/${rows[0]!.id}/accept`, {
            method: "POST",
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify({ points: 30 }),
          }).catch(() => undefined);
          await answer?.arrayBuffer().catch(() => undefined);
          // Accepted before a kill, it is decided.
          if (answer && [200, 409].includes(answer.status)) break;
          await delay(30);
        }
        acts++;
        await delay(150);
      }
    }
    const working = [...writers.map(write), moderate()];
    for (const kill of upTo(kills)) {
      await delay(900);
      const at = kill % 3 === 0 ? [0, 1] : [kill % 2];
      await Promise.all(at.map((one) => (servers[one]!.child.kill("SIGKILL"), servers[one]!.ended)));
      for (const one of at) servers[one] = await open();
    }
    isOver = true;
    await Promise.all(working);
    await settled();
    return acts;
  }

  /** Waits until every consumer has read all, and every notification is told. */
  async function settled(): Promise<void> {
    for (let left = 2_000; ; left--) {
      const { rows } = await client.query<{ waiting: number }>(
        `select (select count(*) from update_consumers c where c.last_id < (select max(id) from updates))
              + (select count(*) from notifications where not is_told)
              + (select count(*) from failed_updates) as waiting`,
      );
      if (Number(rows[0]!.waiting) === 0) return;
      if (left === 0) throw new Error("the consumers have not come to the end");
      await delay(25);
    }
  }

  const wrong = async (): Promise<object[]> => (await client.query<object>(faults)).rows;

  it("there is each notification and each medal that is due, once, and every count is right", async () => {
    const acts = await play(3);
    expect(acts).to.be.above(50);
    expect(await wrong()).to.deep.equal([]);
    for (const { name, sql } of countChecks) expect((await client.query(sql)).rows, name).to.deep.equal([]);
    const { rows } = await client.query("select from user_medals");
    expect(rows).to.not.be.empty;
  });

  it("there are two of some without the key by which a notification is one", async () => {
    await client.query(`
      create function another() returns trigger language plpgsql as $$ begin new.cause = new.cause || random(); return new; end $$;
      create trigger another before insert on notifications for each row execute function another()`);
    await play(1);
    expect(await wrong()).to.not.deep.equal([]);
  });
});
