// A process that starts the embedded Postgres, for tests that kill it or run it as somebody else:
// child-program.ts DIRECTORY count|hold. Writes one line of JSON when Postgres is there, or did not come.
import { Client } from "pg";
import type { Logger } from "pino";
import { startEmbeddedPostgres } from "../../../src/platform/embedded/embedded-postgres.js";

const [directory = "", purpose] = process.argv.slice(2);
const said: string[] = [];
const note = (...words: unknown[]): void => void said.push(words.filter((word) => typeof word === "string").join(" "));
const log = { info: note, warn: note, error: note } as unknown as Logger;
const tell = (answer: object): void => void process.stdout.write(`${JSON.stringify({ ...answer, said })}\n`);

// Ctrl-C reaches the whole group of processes in the terminal; a server has work to finish then.
if (purpose === "hold") process.on("SIGINT", () => undefined);

try {
  const server = await startEmbeddedPostgres({ directory, log, durable: false });
  const client = new Client({ connectionString: server.url });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("create table if not exists starts (at timestamptz default now())");
  await client.query("insert into starts default values");
  const { rows } = await client.query<{ count: number }>("select count(*)::int as count from starts");
  tell({ count: rows[0]?.count, pid: server.pid(), url: server.url });
  if (purpose === "hold") await new Promise(() => setInterval(() => undefined, 1_000));
  await client.end();
  await server.stop();
} catch (error) {
  tell({ error: error instanceof Error ? error.message : String(error) });
}
