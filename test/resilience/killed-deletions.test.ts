// A deletion that a kill interrupts: what is done stays done, and the next start takes up the rest, also while Postgres has not
// noticed yet that the process is gone.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { testDatabase, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { newPerson, type Person } from "./person.js";

const messages = 25_000;

describe("a server that is killed while it deletes a big chat", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let client: pg.Client;
  let server: Server;

  const open = (): Promise<Server> =>
    serve({ env: { DATABASE_URL: database.url, SECRET_KEY: "s".repeat(32), LOG_LEVEL: "debug" } });

  before(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    // A deletion stops at this message while there is an obstacle.
    await client.query(`
      create table obstacle ();
      create function delete_slowly() returns trigger language plpgsql as $$
      begin
        while exists (select from obstacle) loop perform pg_sleep(0.05); end loop;
        return old;
      end $$;
      create trigger delete_slowly before delete on messages for each row when (old.seq = ${messages - 10})
        execute function delete_slowly()`);
    server = await open();
  });
  after(async () => {
    await end(server);
    await client.end();
    await database.drop();
  });
  beforeEach(() => client.query("insert into obstacle default values"));
  afterEach(() => client.query("delete from obstacle"));

  async function bigChat(person: Person): Promise<number> {
    const chatId = await person.chat("Big");
    await client.query(
      `insert into messages (chat_id, seq, sender_id, text, created_at)
       select $1, n, $2, 'word ' || n, now() from generate_series(1, ${messages}) n`,
      [chatId, person.id],
    );
    await client.query(
      `update chat_sequences set last_seq = ${messages}, message_count = ${messages} where chat_id = $1`,
      [chatId],
    );
    // Every thousandth message has a file.
    await client.query(
      `with file as (
         insert into files (owner_id, purpose, name, media_type, claimed_at)
         select $2, 'FILE_PURPOSE_ATTACHMENT', n, 'text/plain', now() from generate_series(1000, ${messages}, 1000) n
         returning id, name::bigint as seq
       ), attached as (
         insert into message_attachments (file_id, message_id, chat_id, position)
         select file.id, m.id, $1, 0 from file join messages m on m.chat_id = $1 and m.seq = file.seq
       )
       update messages m set attachments = jsonb_build_array(jsonb_build_object('id', file.id))
         from file where m.chat_id = $1 and m.seq = file.seq`,
      [chatId, person.id],
    );
    return chatId;
  }

  type Table = "chats" | "messages" | "chat_sequences" | "files" | "messages where attachments is not null";
  async function count(table: Table): Promise<number> {
    const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${table}`);
    return rows[0]!.count;
  }
  const isStopped = async (): Promise<boolean> =>
    (await client.query("select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"))
      .rows.length > 0;

  const deletions: Readonly<Record<string, (person: Person, chatId: number) => Promise<{ status: number }>>> = {
    "of the chat": (person, chatId) => person.call("DELETE", `/v1/chats/${chatId}`),
    "of its last membership": (person, chatId) => person.call("POST", `/v1/chats/${chatId}/leave`, {}),
    "of the account": (person) => person.call("POST", "/v1/auth/me/delete", { password: person.password }),
  };
  for (const [what, deletion] of Object.entries(deletions))
    it(`takes it up at its next start, after a deletion ${what}`, async () => {
      const person = await newPerson(() => server.url);
      const chatId = await bigChat(person);
      const interrupted = deletion(person, chatId).then(
        ({ status }) => `answered ${status}`,
        () => "cut",
      );
      while (!(await isStopped())) {
        const end = await Promise.race([delay(10), interrupted]);
        expect(end, "the deletion was not interrupted").to.equal(undefined);
      }
      server.child.kill("SIGKILL");
      await server.ended;
      expect(await interrupted).to.equal("cut");
      expect(await count("messages"), "what was deleted before stays deleted").to.be.below(messages);
      expect(await count("files"), "files go with their messages").to.be.below(messages / 1000);
      expect(await count("files")).to.equal(await count("messages where attachments is not null"));

      server = await open();
      // Postgres goes on with the statement of the killed process, which holds the chat.
      while (!/"step":"chats without members"/.test(server.output())) await delay(10);
      expect(await isStopped()).to.equal(true);
      await client.query("delete from obstacle");
      while ((await count("chats")) > 0) await delay(50);
      for (const table of ["messages", "chat_sequences", "files"] as const)
        expect(await count(table), table).to.equal(0);
    });
});
