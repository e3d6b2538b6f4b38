// The cost of lists of 100,000 people, beside a floor that runs the same statements: all of them, searches, and the leaderboard.
// `make bench` runs it after bench.ts, with the same options.
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import type { Call } from "../src/call.js";
import type { GetLeaderboardRequest, ListUsersRequest } from "../src/gen/lyceum/v1/user.js";
import type { Queries } from "../src/platform/database/database.js";
import { startEmbeddedPostgres } from "../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../src/platform/migrations/migrations.js";
import { userHandlers } from "../src/users/handlers.js";
import { percentile, requestBytes, run } from "./load.js";
import { startLyceum, stop, type Subject } from "./servers.js";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    before: { type: "string" },
  },
});
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
/** The pool gives two connections to one person; more requests at once would measure how they wait. */
const connections = 2;

/** What is asked, and whether an earlier build can be asked it too. */
const requests: readonly {
  name: string;
  list?: Partial<ListUsersRequest>;
  board?: GetLeaderboardRequest;
  isOld?: boolean;
}[] = [
  { name: "all people", list: {}, isOld: true },
  { name: "people of a class", list: { school_class: 5 } },
  { name: "search of one name", list: { query: "соловьёв пётр" }, isOld: true },
  { name: "search with a slip", list: { query: "слоовьёв" } },
  { name: "leaderboard", board: {} },
  { name: "leaderboard of a class", board: { school_class: 5 } },
];

const pathOf = ({ list, board }: (typeof requests)[number]): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...list, ...board })) query.append(name, String(value));
  return `/v1/users${board ? "/leaderboard" : ""}${query.size > 0 ? `?${query.toString()}` : ""}`;
};

const names = {
  first:
    "Иван Мария Пётр Анна Алексей Дмитрий Ольга Екатерина Сергей Наталья Владимир Софья Артём Вера John Emma".split(
      " ",
    ),
  last: "Иванов Петров Сидоров Кузнецов Смирнов Попов Лебедев Козлов Новиков Морозов Волков Соловьёв Smith Miller".split(
    " ",
  ),
};

/** Registers who asks, and makes the others. Resolves with the token. */
async function makePeople({ port }: Subject, url: string): Promise<string> {
  const call = async (path: string, body: object): Promise<{ access_token: string }> => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { access_token: string };
  };
  const login = { email: "bench@example.org", password: "correct horse" };
  await call("/v1/auth/register", { ...login, first_name: "Мария", last_name: "Иванова" });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `insert into users (email, first_name, last_name, rating, school_class)
     select n || '@example.org', ($1::text[])[1 + n % 16], ($2::text[])[1 + n / 16 % 14] || chr(1072 + n / 224 % 30),
            n::bigint * 7919 % 10007, 1 + n % 11
       from generate_series(1, 100000) n`,
    [names.first, names.last],
  );
  await client.query("update users set rating = 5000 where email = $1", [login.email]);
  await client.query("vacuum analyze users");
  await client.end();
  return (await call("/v1/auth/login", login)).access_token;
}

/** The statements that Lyceum would run for each request; a search with a slip runs two. */
async function recordedRoutes(): Promise<Record<string, { text: string; values: readonly unknown[] }[]>> {
  const routes: Record<string, { text: string; values: readonly unknown[] }[]> = {};
  const handlers = userHandlers();
  for (const request of requests) {
    const asked: { text: string; values: readonly unknown[] }[] = [];
    const database: Queries = {
      one: () => Promise.resolve(undefined),
      many: ({ text }, values) => (asked.push({ text, values }), Promise.resolve([])),
    };
    const call = { database, user: { id: 1, role: "ROLE_STUDENT" } } as unknown as Call;
    if (request.board) await handlers.getLeaderboard(request.board, call);
    else await handlers.listUsers({ user_ids: [], ...request.list }, call);
    routes[pathOf(request)] = asked;
  }
  return routes;
}

async function startFloor(url: string): Promise<{ port: number; process: ChildProcess }> {
  const child = fork(fileURLToPath(new URL("people-floor.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env["PATH"], FLOOR: JSON.stringify({ url, routes: await recordedRoutes() }) },
  });
  const [port] = (await once(child, "message")) as [number];
  return { port, process: child };
}

const directory = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
const postgres = await startEmbeddedPostgres({ directory, log: undefined });
const ends: (() => Promise<unknown>)[] = [];
try {
  const secret = randomBytes(32).toString("hex");
  await migrations({ url: postgres.url }).latest();
  const lyceum = await startLyceum(postgres.url, secret);
  ends.push(() => stop(lyceum));
  const token = await makePeople(lyceum, postgres.url);
  const floor = await startFloor(postgres.url);
  ends.push(() => (floor.process.kill(), once(floor.process, "exit")));
  const subjects = [
    { name: "the floor", port: floor.port, token },
    { name: "lyceum", port: lyceum.port, token },
  ];
  if (options.before !== undefined) {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query("create database earlier");
    await client.end();
    const url = new URL(postgres.url);
    url.pathname = "/earlier";
    const build = { name: "before", root: resolve(options.before), args: ["--migrate"] } as const;
    const before = await startLyceum(url.href, secret, build);
    ends.push(() => stop(before));
    subjects.push({ name: "before", port: before.port, token: await makePeople(before, url.href) });
  }
  console.log(
    `lists of 100,000 people: ${connections} connections, ${rounds} rounds of ${seconds} s; p50 in ms, and how much of it is the other's`,
  );
  for (const request of requests) {
    const asked = subjects.filter(({ name }) => name !== "before" || request.isOld);
    const medians = new Map(asked.map(({ name }) => [name, [] as number[]]));
    for (let round = -1; round < rounds; round++) {
      for (const { name, port, token: bearer } of round % 2 === 0 ? asked : asked.toReversed()) {
        const bytes = requestBytes("GET", pathOf(request), {
          Authorization: `Bearer ${bearer}`,
          Accept: "application/json",
        });
        const { latencies } = await run({ port, connections, ms: seconds * 1000, next: () => bytes, status: 200 });
        // The first round warms up.
        if (round >= 0) medians.get(name)!.push(percentile(latencies, 0.5));
      }
    }
    const p50 = (name: string) => percentile(Float64Array.from(medians.get(name)!).sort(), 0.5);
    const ours = p50("lyceum");
    const cells = asked
      .filter(({ name }) => name !== "lyceum")
      .map(({ name }) => `${name} ${p50(name).toFixed(2)} (${(p50(name) / ours).toFixed(2)})`);
    console.log(`${request.name.padEnd(24)} lyceum ${ours.toFixed(2)}, ${cells.join(", ")}`);
  }
} finally {
  for (const end of ends) await end();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
