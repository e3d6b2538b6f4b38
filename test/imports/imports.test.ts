// Imports: two processes, a process that is killed, a file that is cancelled, and what is kept of passwords.
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import fc from "fast-check";
import pg from "pg";
import { testDatabase, type TestDatabase } from "../support/database.js";
import { repeats, upTo } from "../support/numbers.js";
import { end, serve, type Server } from "../support/program.js";
import { appoint, testServer, type TestServer } from "../support/server.js";
import { firstLine, importer, type Importer, lines } from "./importing.js";

describe("an import", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let client: pg.Client;
  let [one, other]: TestServer[] = [];
  let [teacher, admin]: Importer[] = [];
  const secret = "k".repeat(40);

  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, values)).rows;
  const addresses = async (name: string): Promise<string[]> =>
    (await sql<{ email: string }>("select email from users where email like $1 order by id", [`${name}%`])).map(
      ({ email }) => email,
    );

  before(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const env = { DATABASE_URL: database.url, SECRET_KEY: secret };
    [one, other] = [await testServer(env), await testServer(env)];
    teacher = await importer(one.url, await appoint(database.url, "ROLE_TEACHER"));
    admin = await importer(other.url, await appoint(database.url, "ROLE_SUPER_ADMIN"));
  });
  after(async () => {
    await one?.close();
    await other?.close();
    await client?.end();
    await database?.drop();
  });

  it("makes each address once, when two people import the same ones on two servers at once", async () => {
    const numbers = upTo(repeats(100, 300));
    const [first, second] = await Promise.all([
      teacher!.begin(firstLine + lines("twice", numbers)),
      admin!.begin(firstLine + lines("TWICE", numbers.toReversed())),
    ]);
    const ended = [await teacher!.watch(first.id), await admin!.watch(second.id)];
    expect(await addresses("twice")).to.have.members(numbers.map((number) => `twice${number}@example.org`));
    for (const { state, rows_done, rows_created, rows_refused } of ended) {
      expect([state, rows_done]).to.deep.equal(["IMPORT_STATE_DONE", numbers.length]);
      expect(rows_created + rows_refused).to.equal(numbers.length);
    }
    expect(ended[0]!.rows_created + ended[1]!.rows_created).to.equal(numbers.length);
    expect(new Set(ended.flatMap(({ errors }) => errors.map(({ rule }) => rule)))).to.deep.equal(
      new Set(["email.taken"]),
    );
  });

  it("is of one process at a time, and each of its rows is recorded once", async () => {
    const begun = await teacher!.begin(firstLine + lines("lone", upTo(120)));
    const { rows_created } = await teacher!.watch(begun.id);
    expect(rows_created).to.equal(120);
    const [counted] = await sql<{ invites: string; links: string; made: string }>(
      `select (select count(*) from audit_events a join users u on a.target_id = u.id::text and a.target_type = 'user'
                where a.action = 'user.invite' and u.email like 'lone%') as invites,
              (select count(*) from one_time_links l join users u on u.id = l.user_id where u.email like 'lone%') as links,
              (select count(*) from imported_users where import_id = $1) as made`,
      [begun.id],
    );
    expect(counted).to.deep.equal({ invites: "120", links: "120", made: "120" });
    const acts = await sql<{ action: string; target_id: string }>(
      "select action, target_id from audit_events where target_type = 'import' and target_id ~ $1 order by id",
      [`^${begun.id}(/|$)`],
    );
    expect(acts).to.deep.equal([
      { action: "users.import", target_id: `${begun.id}` },
      { action: "users.import_end", target_id: `${begun.id}/120/0` },
    ]);
  });

  it("keeps its passwords encrypted, and no longer than it lasts", async () => {
    const password = "a secret of the file";
    const blocked = await sql<{ id: string }>("select id from users where email like 'lone%' order by id limit 1");
    // Held, so that the file is there to be looked at.
    await client.query("begin");
    await client.query("lock table users in share row exclusive mode");
    const begun = await teacher!.begin(firstLine + lines("kept", upTo(3), password));
    const [{ csv }] = (await sql<{ csv: Buffer }>("select csv from imports where id = $1", [begun.id])) as [
      { csv: Buffer },
    ];
    expect(csv.includes("secret") || csv.includes("kept1")).to.equal(false);
    await client.query("commit");
    expect(await teacher!.watch(begun.id)).to.include({ state: "IMPORT_STATE_DONE", rows_created: 3 });
    expect(await sql("select id from imports where csv is not null")).to.deep.equal([]);
    expect(blocked).to.have.length(1);
  });

  it("is a job of two servers at once without harm: the later run has it, and each row is made once", async () => {
    const begun = await teacher!.begin(firstLine + lines("doubled", upTo(150)));
    for (const rows of [0, 50]) {
      await teacher!.watch(begun.id, ({ rows_created }) => rows_created > rows);
      await sql(
        "select graphile_worker.add_job('import', json_build_object('import_id', $1::bigint, 'user_id', $2::bigint))",
        [begun.id, begun.user_id],
      );
    }
    const ended = await teacher!.watch(begun.id);
    expect(ended).to.include({ state: "IMPORT_STATE_DONE", rows_done: 150, rows_created: 150, rows_refused: 0 });
    expect(await addresses("doubled")).to.have.length(150);
    const ends = await sql("select id from audit_events where action = 'users.import_end' and target_id like $1", [
      `${begun.id}/%`,
    ]);
    expect(ends).to.have.length(1);
  });

  it("goes on after the sessions of the database were ended under it, and is not given up", async () => {
    const begun = await teacher!.begin(firstLine + lines("outage", upTo(150)));
    for (let outages = 0; outages < repeats(2, 4); outages += 1) {
      await teacher!.watch(begun.id, ({ rows_created }) => rows_created > 10 * outages);
      await sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
    }
    const ended = await teacher!.watch(begun.id);
    expect(ended).to.include({ state: "IMPORT_STATE_DONE", rows_done: 150, rows_created: 150, rows_refused: 0 });
    expect(await addresses("outage")).to.have.length(150);
  });

  it("is the only one of its person that is worked on: twenty that are begun at once end in their order", async () => {
    const account = await appoint(database.url, "ROLE_TEACHER");
    const people = [await importer(one!.url, account), await importer(other!.url, account)];
    const begun = await Promise.all(
      upTo(20).map((number) => people[number % 2]!.begin(firstLine + lines("turns", [2 * number, 2 * number + 1]))),
    );
    const ids = begun.map(({ id }) => id).toSorted((a, b) => a - b);
    let isOver = false;
    let mostRunning = 0;
    const looked = (async () => {
      while (!isOver) {
        const running = await sql("select id from imports where user_id = $1 and state = 'IMPORT_STATE_RUNNING'", [
          begun[0]!.user_id,
        ]);
        mostRunning = Math.max(mostRunning, running.length);
      }
    })();
    for (const { id } of begun) expect(await people[0]!.watch(id)).to.include({ rows_created: 2 });
    isOver = true;
    await looked;
    expect(mostRunning).to.be.at.most(1);
    const ended = await sql<{ id: string }>("select id from imports where user_id = $1 order by ended_at, id", [
      begun[0]!.user_id,
    ]);
    expect(ended.map(({ id }) => Number(id))).to.deep.equal(ids);
  });

  it("waits for a process that runs jobs, and has a job again when its own is lost or dead", async () => {
    const idle = await testServer({ SECRET_KEY: secret, JOBS_CONCURRENCY: "0" });
    const own = new pg.Client({ connectionString: idle.databaseUrl });
    let working: TestServer | undefined;
    try {
      await own.connect();
      const people = [
        await importer(idle.url, await appoint(idle.databaseUrl, "ROLE_TEACHER")),
        await importer(idle.url, await appoint(idle.databaseUrl, "ROLE_TEACHER")),
      ];
      const begun = [];
      for (const [at, person] of people.entries()) begun.push(await person.begin(firstLine + lines("lost", [at])));
      const jobs = "graphile_worker._private_jobs";
      const { rows } = await own.query<{ key: string }>(
        `select key from ${jobs} where key like 'import:%' order by id`,
      );
      expect(rows.map(({ key }) => key)).to.deep.equal(begun.map(({ id }) => `import:${id}`));
      // As those that were begun before imports had jobs.
      await own.query(`delete from ${jobs} where key = $1`, [rows[0]!.key]);
      await own.query(`update ${jobs} set attempts = max_attempts where key = $1`, [rows[1]!.key]);
      expect(await people[0]!.watch(begun[0]!.id, () => true)).to.include({ state: "IMPORT_STATE_QUEUED" });
      working = await testServer({ DATABASE_URL: idle.databaseUrl, SECRET_KEY: secret });
      for (const [at, person] of people.entries())
        expect(await person.watch(begun[at]!.id)).to.include({ state: "IMPORT_STATE_DONE", rows_created: 1 });
    } finally {
      await own.end();
      await working?.close();
      await idle.close();
    }
  });

  it("ends between two transactions when it is cancelled: what is made stays, and no more comes", async () => {
    const begun = await teacher!.begin(firstLine + lines("cancelled", upTo(800), "a password of many"));
    await teacher!.watch(begun.id, ({ rows_created }) => rows_created > 0);
    const answer = await teacher!.call("POST", `/v1/imports/${begun.id}/cancel`);
    const cancelled = (await answer.json()) as { state: string; rows_created: number };
    expect(cancelled.state).to.equal("IMPORT_STATE_CANCELLED");
    // Another one has as many steps as show whether the first goes on.
    const next = await teacher!.begin(firstLine + lines("after", upTo(40), "a password of many"));
    await teacher!.watch(next.id);
    expect(await addresses("cancelled")).to.have.length(cancelled.rows_created);
    expect(cancelled.rows_created).to.be.within(1, 799);
  });

  it("shows as a job how far it is, and leaves off hashing when it is cancelled", async () => {
    const csv = firstLine + lines("hashing", upTo(5_000), "a password of many");
    const begun = await teacher!.begin(csv, "mode=IMPORT_MODE_ALL_OR_NONE");
    const progress = async (): Promise<number | undefined> => {
      const listed = await admin!.call("GET", "/v1/jobs?task=import&state=JOB_STATE_RUNNING");
      return ((await listed.json()) as { jobs: { progress: number }[] }).jobs[0]?.progress;
    };
    while (!((await progress()) ?? 0)) await delay(20);
    expect((await teacher!.call("POST", `/v1/imports/${begun.id}/cancel`)).status).to.equal(200);
    while ((await progress()) !== undefined) await delay(20);
    expect(await addresses("hashing")).to.deep.equal([]);
  });

  it("of who may not make its accounts any more fails, and makes none from then on", async () => {
    const account = await appoint(database.url, "ROLE_SUPER_ADMIN");
    const demoted = await importer(one!.url, account);
    const begun = await demoted.begin(
      `email,first_name,last_name,role,password\n${upTo(500)
        .map((number) => `demoted${number}@example.org,Ann,Row,teacher,a password of many\n`)
        .join("")}`,
    );
    await demoted.watch(begun.id, ({ rows_created }) => rows_created > 0);
    await client.query("update users set role = 'ROLE_TEACHER' where email = $1", [account.email]);
    const ended = await admin!.watch(begun.id);
    expect(ended.state).to.equal("IMPORT_STATE_FAILED");
    expect(await addresses("demoted")).to.have.length(ended.rows_created);
    expect(ended.rows_created).to.be.below(500);
  });

  it("ends with the account that has begun it", async () => {
    const account = await appoint(database.url, "ROLE_TEACHER");
    const leaving = await importer(one!.url, account);
    const begun = await leaving.begin(firstLine + lines("leaving", upTo(1_000), "a password of many"));
    const body = JSON.stringify({ password: account.password });
    const answer = await leaving.call("POST", "/v1/auth/me/delete", {
      headers: { "content-type": "application/json" },
      body,
    });
    expect(answer.status).to.equal(204);
    expect(await admin!.watch(begun.id)).to.include({ state: "IMPORT_STATE_CANCELLED" });
  });

  it("all or none makes none where one address is taken meanwhile", async () => {
    await client.query("begin");
    await client.query(
      "insert into users (email, first_name, last_name, role) values ('all7@example.org', 'A', 'B', 'ROLE_STUDENT')",
    );
    const begun = await teacher!.begin(firstLine + lines("all", upTo(20)), "mode=IMPORT_MODE_ALL_OR_NONE");
    // It has checked the rows, does not see the address yet, and waits for it.
    for (;;) {
      const waiting = await admin!.call("GET", `/v1/imports/${begun.id}`);
      const { state } = (await waiting.json()) as { state: string };
      const [locks] = await sql<{ count: string }>("select count(*) from pg_locks where not granted");
      if (state === "IMPORT_STATE_RUNNING" && locks!.count !== "0") break;
    }
    await client.query("commit");
    const ended = await teacher!.watch(begun.id);
    expect(ended).to.include({ state: "IMPORT_STATE_DONE", rows_created: 0, rows_refused: 1, rows_done: 20 });
    expect(ended.errors).to.have.lengthOf(1);
    expect(ended.errors[0]).to.include({ line: 8, column: "email", rule: "email.taken" });
    expect(await addresses("all")).to.deep.equal(["all7@example.org"]);
  });

  it("that a killed process has begun is brought to its end by others: no row twice, none left out", async () => {
    const killed = await testDatabase();
    const env = { DATABASE_URL: killed.url, SECRET_KEY: secret, LOG_LEVEL: "info" };
    const servers: Server[] = [await serve({ env })];
    const own = new pg.Client({ connectionString: killed.url });
    try {
      await own.connect();
      const account = await appoint(killed.url, "ROLE_TEACHER");
      const before = await importer(servers[0]!.url, account);
      const csv =
        firstLine + lines("killed", upTo(50)) + lines("hashed", upTo(100), "a password of many") + "nobody,,,\n";
      const begun = await before.begin(csv);
      await before.watch(begun.id, ({ rows_created }) => rows_created > 50);
      servers[0]!.child.kill("SIGKILL");
      await servers[0]!.ended;
      servers.push(await serve({ env }));
      const next = await importer(servers[1]!.url, account);
      await next.watch(begun.id, ({ rows_created }) => rows_created > 75);
      // This one is asked to end.
      servers.push(await serve({ env }));
      await end(servers[1]);
      const after = await importer(servers[2]!.url, account);
      const ended = await after.watch(begun.id);
      expect(servers[1]!.output() + servers[2]!.output()).not.to.include("failed in the middle");
      expect(ended).to.include({ state: "IMPORT_STATE_DONE", rows_done: 151, rows_created: 150, rows_refused: 1 });
      const { rows } = await own.query(
        `select count(*) as made, count(distinct email) as addresses, count(c.user_id) as passwords, count(i.user_id) as imported
           from users u left join credentials c on c.user_id = u.id left join imported_users i on i.user_id = u.id
          where email like 'killed%' or email like 'hashed%'`,
      );
      expect(rows).to.deep.equal([{ made: "150", addresses: "150", passwords: "100", imported: "150" }]);
      expect(servers.map((each) => each.output()).join("")).not.to.include("a password of many");
    } finally {
      await own.end();
      await end(...servers);
      await killed.drop();
    }
  });

  it("puts people into the groups that it names, and their chats; a group that there is not is told", async () => {
    const json = { "content-type": "application/json" };
    const made = await teacher!.call("POST", "/v1/groups", {
      headers: json,
      body: JSON.stringify({ name: "10-А", with_chat: true }),
    });
    const group = (await made.json()) as { id: number; chat_id: number };
    const begun = await teacher!.begin(
      "Группа;Почта;Имя;Фамилия\n10-а;grouped1@example.org;Ann;Row\n;grouped2@example.org;Ann;Row\n10-Б;grouped3@example.org;Ann;Row\n",
    );
    const ended = await teacher!.watch(begun.id);
    expect(ended).to.include({ rows_created: 2, rows_refused: 1 });
    expect(ended.errors.map(({ line, column, rule }) => [line, column, rule])).to.deep.equal([
      [4, "group", "csv.group"],
    ]);
    const rows = await sql<{ email: string; is_member: boolean }>(
      `select u.email, u.group_id = $1 as is_in, m.user_id is not null as is_member
         from users u left join chat_members m on m.user_id = u.id and m.chat_id = $2
        where u.email like 'grouped%' order by u.email`,
      [group.id, group.chat_id],
    );
    expect(rows).to.deep.equal([
      { email: "grouped1@example.org", is_in: true, is_member: true },
      { email: "grouped2@example.org", is_in: null, is_member: false },
    ]);
    const exported = await (await teacher!.call("GET", `/v1/users/export?group_id=${group.id}`)).text();
    expect(exported.split("\r\n").slice(1)).to.deep.equal(["grouped1@example.org,Ann,Row,,student,,10-А", ""]);
  });

  it("is one of at most 100 of a person that have not ended, however many begin at once", async () => {
    const account = await appoint(database.url, "ROLE_TEACHER");
    const eager = await importer(one!.url, account);
    // They are worked on one after the other, and the first has not ended before the others have begun.
    const long = await eager.begin(firstLine + lines("eager", upTo(2_000), "a password of many"));
    for (let at = 1; at < 90; at += 1) await eager.begin(firstLine + lines("more", [at]));
    const statuses = await Promise.all(
      upTo(20).map(async (number) => {
        const answer = await eager.call("POST", "/v1/users/import", {
          headers: { "content-type": "text/csv" },
          body: firstLine + lines("race", [number]),
        });
        const { reason } = (await answer.json()) as { reason?: string };
        return `${answer.status} ${reason ?? ""} ${answer.headers.get("retry-after") ?? ""}`.trim();
      }),
    );
    expect(statuses.toSorted()).to.deep.equal([
      ...Array<string>(10).fill("201"),
      ...Array<string>(10).fill("429 RATE_LIMITED 30"),
    ]);
    await eager.call("POST", `/v1/imports/${long.id}/cancel`);
    const { id } = await eager.begin(firstLine + lines("more", [100]));
    expect(await eager.watch(id)).to.include({ state: "IMPORT_STATE_DONE", rows_created: 1 });
  });

  it("of a file that was uploaded needs one of a size that it could be sent in, and that the store has not lost", async () => {
    const upload = async (body: Uint8Array): Promise<{ id: number; sha256: string }> =>
      (await (await teacher!.call("POST", "/v1/files", { body })).json()) as { id: number; sha256: string };
    const create = async (file_id: number): Promise<object> => {
      const answer = await teacher!.call("POST", "/v1/imports", {
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ file_id, dry_run: true }),
      });
      const { reason, violations } = (await answer.json()) as { reason?: string; violations?: { rule: string }[] };
      return { status: answer.status, reason, rules: violations?.map(({ rule }) => rule) };
    };
    const most = 4 * 1024 * 1024;
    const large = await upload(Buffer.alloc(most + 1, "\n"));
    expect(await create(large.id)).to.deep.equal({ status: 422, reason: "INVALID_CSV", rules: ["csv.size"] });
    // As large as may be: read to its end.
    const file = Buffer.alloc(most, `${" ".repeat(99)}\n`);
    file.write(`${firstLine}${lines("full", [1])}`);
    const whole = await upload(file);
    expect(await create(whole.id)).to.deep.equal({ status: 201, reason: undefined, rules: undefined });
    await client.query("update files set claimed_at = now(), purpose = 'FILE_PURPOSE_SOURCE' where id = $1", [
      whole.id,
    ]);
    expect(await create(whole.id)).to.include({ status: 409, reason: "FILE_NOT_USABLE" });
    const { id, sha256 } = await upload(Buffer.from(firstLine + lines("lost", [1])));
    const files = join(dirname(one!.mailFolder), "files");
    await rm(join(files, sha256.slice(0, 2)), { recursive: true });
    expect(await create(id)).to.include({ status: 410, reason: "FILE_LOST" });
    // As of a disk that is no longer there, or a store on another machine.
    await rename(join(files, "parts"), join(files, "away"));
    expect(await create(id)).to.include({ status: 503, reason: "OVERLOADED" });
    await rename(join(files, "away"), join(files, "parts"));
  });

  it("of any bytes has a clear result: refused at once, or an import that comes to its end", async () => {
    const piece = fc.oneof(
      fc.constantFrom('"', ",", ";", "\t", "\n", "\r", "\0", "=1", "a@b.example", "Ann", "\ud83d\ude00", "й"),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    const bytes = fc.oneof(
      fc
        .array(piece, { maxLength: 60 })
        .map((parts) => Buffer.from(`email,first_name,last_name,group\n${parts.join("")}`)),
      fc
        .uint8Array({ maxLength: 200 })
        .map((some) => Buffer.concat([Buffer.from("email;first_name;last_name;class\n"), some])),
      fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (file) => {
        const answer = await teacher!.call("POST", "/v1/users/import?dry_run=true", {
          headers: { "content-type": "text/csv" },
          body: file,
        });
        const { id, reason } = (await answer.json()) as { id?: number; reason?: string };
        if (answer.status === 201)
          expect(await teacher!.watch(id!)).to.include({ state: "IMPORT_STATE_DONE", rows_created: 0 });
        else expect([answer.status, reason]).to.deep.equal([422, "INVALID_CSV"]);
      }),
      { numRuns: repeats(20, 60) },
    );
  });

  it("of more rows than a file may have is refused at once", async () => {
    const answer = await teacher!.call("POST", "/v1/users/import", {
      headers: { "content-type": "text/csv" },
      body: `email,first_name,last_name\n${"a@b.example,A,B\n".repeat(100_000)}`,
    });
    expect(answer.status).to.equal(422);
    expect(await answer.json()).to.deep.include({ reason: "INVALID_CSV" });
  });

  it("takes what an export has written, formulas included", async () => {
    const names = ["=1+1", "+7", "-x", "@y", "'=z", "'q", 'a"b', "c;d", "Ёж"];
    const csv = names.map((name, at) => `"odd${at}@example.org","${name.replaceAll('"', '""')}",Odd,8\n`).join("");
    const begun = await teacher!.begin(`email,first_name,last_name,class\n${csv.replaceAll('"\'=z"', "\"''=z\"")}`);
    expect(await teacher!.watch(begun.id)).to.include({ rows_created: names.length });
    const exported = await (await teacher!.call("GET", "/v1/users/export?school_class=8")).text();
    for (const line of exported.split("\r\n").slice(1)) expect(line).not.to.match(/(?:^|,)"?[=+@-]/);
    const stored = (): Promise<object[]> =>
      sql("select email, first_name, last_name, school_class from users where last_name = 'Odd' order by email");
    const before = await stored();
    expect(before.map((row) => (row as { first_name: string }).first_name)).to.have.members(names);
    await client.query(
      "update users set email = 'former' || id || '@example.org', last_name = 'Former', school_class = 9 where last_name = 'Odd'",
    );
    const again = await teacher!.begin(exported);
    expect(await teacher!.watch(again.id)).to.include({ rows_created: names.length, rows_refused: 0 });
    expect(await stored()).to.deep.equal(before);
  });
});
