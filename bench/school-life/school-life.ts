// The cost of notifications, posts, votes and decisions about achievements, beside a floor that does the same by simple SQL on the same
// tables: one run, rounds interleaved. `make bench` runs it after updates.ts.
import { deepStrictEqual } from "node:assert";
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { startEmbeddedPostgres } from "../../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../../src/platform/migrations/migrations.js";
import { deriveKey } from "../../src/platform/secrets/derived-key.js";
import { type Measured, percentile, requestBytes, run } from "../load.js";
import { cpuSeconds, postgresCpuSeconds, startLyceum, stop, type Subject } from "../servers.js";
import { makeSchoolLife, type Person, type SchoolLife } from "./data.js";

// Options of the other benches are passed over.
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    only: { type: "string", default: "" },
  },
  strict: false,
});
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
/** Part of the name of what is measured; all when it is empty. */
const only = String(options.only);
/** Each is a person's own: the pool gives two connections to one person. */
const connections = 32;
/** More in a second than anybody decides here. */
const mostDecisions = 1_500;
/** How much of the requests a second of the floor there must be, and how many times its CPU of Postgres there may be. */
const wanted = { rate: 0.5, postgresCpu: 2 };

interface Request {
  readonly method: "GET" | "PUT" | "DELETE" | "POST";
  readonly path: string;
  readonly by: Person;
  readonly body?: object;
}

interface Scenario {
  readonly name: string;
  /** The next request; undefined when there are no more. */
  readonly next: () => Request | undefined;
}

interface Sample extends Measured {
  readonly cpu: number;
  readonly postgresCpu: number;
}

async function startFloor(url: string, secret: string): Promise<Subject> {
  const began = performance.now();
  const key = Buffer.from(deriveKey(secret, "access token")).toString("base64");
  const child = fork(fileURLToPath(new URL("floor.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env["PATH"], FLOOR: JSON.stringify({ url, key }) },
  });
  const [port] = (await once(child, "message")) as [number];
  return { name: "simple SQL", port, process: child, startMs: performance.now() - began };
}

const lists: readonly (readonly [name: string, path: string])[] = [
  ["notifications", "/v1/notifications?limit=50"],
  ["unread notifications", "/v1/notifications?limit=50&unread=true"],
  ["new posts", "/v1/posts?limit=50"],
  ["posts by votes", "/v1/posts?limit=50&sort=votes"],
];

/** What is measured; those of one group follow each other in each round. No two requests are about the same vote or achievement. */
function scenariosOf({ students, teachers, posts, achievements }: SchoolLife): Scenario[][] {
  let count = 0;
  const reads = lists.map(([name, path]): Scenario[] => [
    { name, next: () => ({ method: "GET", path, by: students[count++ % students.length]! }) },
  ]);
  // As many posts as have no divisor in common with the number of voters: it takes all pairs until one comes again.
  const voted = posts.slice(0, 9_999);
  const votes: Omit<Request, "method">[] = [];
  let cast = 0;
  const vote = (): Request => {
    const at = cast++;
    const asked = { path: `/v1/posts/${voted[at % voted.length]}/vote`, by: students[at % students.length]! };
    votes.push(asked);
    return { method: "PUT", ...asked };
  };
  const takeBack = (): Request | undefined => {
    const asked = votes.pop();
    return asked && { method: "DELETE", ...asked };
  };
  const accept = (): Request | undefined => {
    const id = achievements[decided];
    const by = teachers[decided++ % teachers.length]!;
    return id === undefined
      ? undefined
      : { method: "POST", path: `/v1/achievements/${id}/accept`, by, body: { points: 1 + (id % 50) } };
  };
  return [
    ...reads,
    [
      { name: "vote", next: vote },
      { name: "take a vote back", next: takeBack },
    ],
    [{ name: "accept", next: accept }],
  ];
}

const headersOf = ({ by, body }: Request): Record<string, string> => ({
  Authorization: `Bearer ${by.token}`,
  Accept: "application/json",
  ...(body && { "Content-Type": "application/json" }),
});

function bytesOf(request: Request | undefined): Buffer | undefined {
  if (!request) return undefined;
  const { method, path, body } = request;
  return requestBytes(method, path, headersOf(request), body && Buffer.from(JSON.stringify(body)));
}

async function ask({ port }: Subject, request: Request): Promise<Record<string, unknown>> {
  const { method, path, body } = request;
  const sent = body && JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: headersOf(request), body: sent });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** How many achievements are decided. */
let decided = 0;

/** What a decision has left: the points, the record, and what is told of it. */
const leftSql = `
  select a.state, a.points, a.moderator_id, a.version, p.amount, p.reason, p.by_user_id, p.total = u.rating as adds_up, u.version as user_version,
         (select array_agg(concat_ws(' ', e.action, e.actor_id, e.means, e.outcome, e.address)) from audit_events e
           where e.target_type = 'achievement' and e.target_id = a.id::text) as audit,
         (select array_agg(concat_ws(' ', d.kind, nullif(d.topic, 'user:' || a.user_id), d.actor_id) order by d.id) from updates d
           where (d.kind = 'achievement.accepted' and d.subject_id = a.id) or (d.kind = 'points.changed' and d.subject_id = p.id)) as told
    from achievements a join users u on u.id = a.user_id
    join points p on p.source_id = a.id and p.reason = 'POINTS_REASON_ACHIEVEMENT'
   where a.id = $1`;

/** Throws when the servers answer otherwise, or leave something else behind. Page tokens are opaque, and each server has its own. */
async function compareAnswers(life: SchoolLife, client: pg.Client, lyceum: Subject, floor: Subject): Promise<void> {
  const [by, post] = [life.students[0]!, life.posts[0]!];
  for (const [, path] of lists) {
    const [ours, theirs] = await Promise.all([lyceum, floor].map((each) => ask(each, { method: "GET", path, by })));
    for (const page of [ours!, theirs!]) {
      if (!page["next_page_token"]) throw new Error(`${path}: a page token is missing`);
      page["next_page_token"] = "";
    }
    // Nothing is included.
    delete ours!["people"];
    deepStrictEqual(theirs, ours);
  }
  const votes = async (each: Subject): Promise<unknown[]> => {
    const answers: unknown[] = [];
    for (const method of ["PUT", "DELETE"] as const) {
      answers.push(await ask(each, { method, path: `/v1/posts/${post}/vote`, by }));
      const { rows } = await client.query(
        "select vote_count, (select count(*) from post_votes where post_id = $1 and user_id = $2) from posts where id = $1",
        [post, by.id],
      );
      answers.push(rows);
    }
    return answers;
  };
  deepStrictEqual(await votes(floor), await votes(lyceum));
  const decision = async (each: Subject): Promise<unknown[]> => {
    const id = life.achievements[decided++]!;
    const path = `/v1/achievements/${id}/accept`;
    const answer = await ask(each, { method: "POST", path, by: life.teachers[0]!, body: { points: 7 } });
    const { rows } = await client.query<object>(leftSql, [id]);
    const file = { ...(answer["file"] as object), id: 0 };
    return [{ ...answer, file, id: 0, user_id: 0, moderated_at: typeof answer["moderated_at"] }, rows];
  };
  deepStrictEqual(await decision(floor), await decision(lyceum));
}

/** Resolves when what follows from acts is done, so that it is no part of the next round. Rejects when it takes more than a minute. */
async function settle(client: pg.Client): Promise<void> {
  const sql = `
    select exists (select from posts where has_new_votes) or exists (select from audit_queue)
        or exists (select from notifications where not is_told)
        or (select min(last_id) from update_consumers) < (select max(id) from updates) as is_busy`;
  const end = performance.now() + 60_000;
  while ((await client.query<{ is_busy: boolean }>(sql)).rows[0]!.is_busy) {
    if (performance.now() > end) throw new Error("What follows from acts is not done after a minute");
    await delay(50);
  }
}

async function measure(postmaster: number, { port, process: server }: Subject, { next }: Scenario): Promise<Sample> {
  const used = () => [cpuSeconds({ process: server }), postgresCpuSeconds(postmaster)] as const;
  const before = used();
  const load = { port, connections, ms: seconds * 1000, status: 200, next: () => bytesOf(next()) };
  const measured = await run(load);
  const after = used();
  return { ...measured, cpu: after[0] - before[0], postgresCpu: after[1] - before[1] };
}

const columns: readonly (readonly [title: string, of: (sample: Sample) => number, digits: number])[] = [
  ["req/s", ({ requests, seconds: took }) => requests / took, 0],
  ["p50 ms", ({ latencies }) => percentile(latencies, 0.5), 2],
  ["p99 ms", ({ latencies }) => percentile(latencies, 0.99), 2],
  ["CPU s/1000", ({ cpu, requests }) => (cpu / requests) * 1000, 3],
  ["Postgres CPU", ({ postgresCpu, requests }) => (postgresCpu / requests) * 1000, 3],
];
const [labelWidth, width] = [34, 14];

const median = (values: readonly number[]): number => percentile(Float64Array.from(values).sort(), 0.5);

/** Prints the medians of both, and of the ratios of each round by itself, since both servers ran in it under the same conditions. */
function print(name: string, ours: readonly Sample[], theirs: readonly Sample[]): void {
  const line = (label: string, cell: (column: (typeof columns)[number]) => string): string =>
    label.padEnd(labelWidth) + columns.map((column) => cell(column).padStart(width)).join("");
  const medians = (samples: readonly Sample[]) =>
    line("", ([, of, digits]) => median(samples.map(of)).toFixed(digits)).slice(labelWidth);
  const ratio = ([title, of]: (typeof columns)[number]): number =>
    median(ours.map((our, at) => (title === "req/s" ? of(our) / of(theirs[at]!) : of(theirs[at]!) / of(our))));
  console.log(`${`${name}: the floor`.padEnd(labelWidth)}${medians(theirs)}`);
  console.log(`${`${" ".repeat(name.length + 2)}lyceum`.padEnd(labelWidth)}${medians(ours)}`);
  const isKept = ratio(columns[0]!) >= wanted.rate && ratio(columns[4]!) >= 1 / wanted.postgresCpu;
  console.log(
    `${line("  of the floor", (column) => ratio(column).toFixed(2))}   (wanted >= ${wanted.rate} req/s and Postgres CPU${isKept ? "" : ", MISSED"})`,
  );
}

const directory = mkdtempSync(join(tmpdir(), "lyceum-bench-life-"));
const postgres = await startEmbeddedPostgres({ directory, log: undefined });
const client = new pg.Client({ connectionString: postgres.url });
const subjects: Subject[] = [];
try {
  await migrations({ url: postgres.url }).latest();
  const secret = randomBytes(32).toString("hex");
  const lyceum = await startLyceum(postgres.url, secret);
  subjects.push(lyceum);
  const achievements = Math.ceil(2 * (rounds + 1) * seconds * mostDecisions);
  const life = await makeSchoolLife(lyceum, postgres.url, { count: connections, achievements });
  const floor = await startFloor(postgres.url, secret);
  subjects.push(floor);
  await client.connect();
  await compareAnswers(life, client, lyceum, floor);
  console.log(
    `a school of 30,000 posts: ${connections} connections, ${rounds} rounds of ${seconds} s (load average ${loadavg()[0]!.toFixed(1)})`,
  );
  console.log(" ".repeat(labelWidth) + columns.map(([title]) => title.padStart(width)).join(""));
  for (const group of scenariosOf(life).filter((each) => each.some(({ name }) => name.includes(only)))) {
    const samples = group.map(() => ({ ours: [] as Sample[], theirs: [] as Sample[] }));
    for (let round = -1; round < rounds; round++) {
      for (const subject of round % 2 === 0 ? [lyceum, floor] : [floor, lyceum]) {
        for (const [at, scenario] of group.entries()) {
          await settle(client);
          const sample = await measure(postgres.pid()!, subject, scenario);
          // The first round warms up.
          if (round >= 0) samples[at]![subject === lyceum ? "ours" : "theirs"].push(sample);
        }
      }
    }
    for (const [at, { name }] of group.entries()) print(name, samples[at]!.ours, samples[at]!.theirs);
  }
  console.log(`load average ${loadavg()[0]!.toFixed(1)}`);
} finally {
  await client.end();
  for (const subject of subjects) await stop(subject);
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
