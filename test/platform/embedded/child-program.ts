// A process that starts the embedded Postgres, for tests that kill it or run it as another user: child-program.ts DIRECTORY
// count|hold. It writes one line of JSON when Postgres is ready or has failed to start; with `hold` it keeps running.
import type { Logger } from "pino";
import { startEmbeddedPostgres } from "../../../src/platform/embedded/embedded-postgres.js";
import { query } from "./query.js";

const [directory = "", purpose] = process.argv.slice(2);
const messages: string[] = [];
const record = (...words: unknown[]): void =>
  void messages.push(words.filter((word) => typeof word === "string").join(" "));
const log = { info: record, warn: record, error: record } as unknown as Logger;
const report = (result: object): void => void process.stdout.write(`${JSON.stringify({ ...result, messages })}\n`);

// In a terminal Ctrl-C reaches the whole process group, and a server then finishes its requests first.
if (purpose === "hold") process.on("SIGINT", () => undefined);

try {
  const server = await startEmbeddedPostgres({ directory, log, durable: false });
  await query(server.url, "create table if not exists starts (at timestamptz default now())");
  await query(server.url, "insert into starts default values");
  const [row] = await query<{ count: number }>(server.url, "select count(*)::int as count from starts");
  report({ count: row?.count, pid: server.pid(), url: server.url });
  if (purpose === "hold") await new Promise(() => setInterval(() => undefined, 1_000));
  await server.stop();
} catch (error) {
  report({ error: error instanceof Error ? error.message : String(error) });
}
