// The cost of reading 50 messages (docs/adr/0005-rows-are-read-from-the-wire.md): stock pg, prepared and pipelined, beside the
// connection of src/platform/database/protocol/, with the same statement. Without a URL it runs on an embedded Postgres.
// npx tsx bench/rows.ts [postgres://...]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { openConnection } from "../src/platform/database/protocol/open-connection.js";
import { startEmbeddedPostgres } from "../src/platform/embedded/embedded-postgres.js";

const ROUNDS = 7;
const QUERIES = 3_000;
const AT_ONCE = 16;
const sql = `
  select 1000000 + n::int8 as id, 17::int8 as chat_id, n::int8 as seq, (n % 9)::int8 as sender_id,
         case when n % 2 = 0 then 'Мы встречаемся завтра в семь, не опаздывай' else 'See you tomorrow at seven, do not be late' end as text,
         case when n % 2 = 0 then 'client-message-' || n end as client_message_id,
         case when n % 5 = 0 then (n - 1)::int8 end as reply_to_id,
         timestamptz '2026-11-23 12:00:00.123Z' + n * interval '1 second' as created_at,
         case when n % 10 = 0 then timestamptz '2026-11-23 13:00:00.5Z' end as edited_at,
         null::timestamptz as deleted_at, 1::int8 as version
    from generate_series(1, $1::int) as n`;

/** The URL of a Postgres, and its end. */
async function openServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const [given] = process.argv.slice(2);
  if (given !== undefined) return { url: given, close: () => Promise.resolve() };
  const directory = await mkdtemp(join(tmpdir(), "lyceum-bench-"));
  const { url, stop } = await startEmbeddedPostgres({ directory, log: undefined, durable: false });
  return { url, close: () => stop().then(() => rm(directory, { recursive: true })) };
}

const server = await openServer();
const stock = new pg.Client({ connectionString: server.url, pipeline: true, options: "-c TimeZone=UTC" });
await stock.connect();
const own = await openConnection({ url: server.url, applicationName: "lyceum bench", connectTimeoutMs: 5_000 });

const readers: Record<string, () => Promise<object[]>> = {
  "stock pg": async () => (await stock.query<object>({ name: "rows", text: sql, values: [50] })).rows,
  "own connection": () => own.run("rows", sql, [50], Infinity),
};

/** The elapsed time and the CPU time of this process for one query, in microseconds. */
async function measure(read: () => Promise<object[]>): Promise<[number, number]> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let left = QUERIES;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) expect((await read()).length === 50).to.equal(true);
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  return [((performance.now() - start) * 1_000) / QUERIES, (user + system) / QUERIES];
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const results = new Map(Object.keys(readers).map((name) => [name, [] as [number, number][]]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, read] of Object.entries(readers)) {
    const result = await measure(read);
    if (round > 0) results.get(name)!.push(result);
  }
}
for (const [name, rounds] of results) {
  const wall = median(rounds.map(([us]) => us));
  const cpu = median(rounds.map(([, us]) => us));
  console.log(
    `${name.padEnd(14)} ${wall.toFixed(0).padStart(5)} us elapsed, ${cpu.toFixed(0).padStart(5)} us of CPU for 50 rows`,
  );
}
await stock.end();
await own.close(1_000);
await server.close();
