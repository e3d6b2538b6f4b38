// What an update costs a send: two servers of this build on one database, one of which sends without the update. Rounds interleaved.
// `make bench` runs it after files.ts.
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { startEmbeddedPostgres } from "../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../src/platform/migrations/migrations.js";
import { percentile, requestBytes, run } from "./load.js";
import { makeSchool, textOf } from "./school.js";
import { cpuSeconds, postgresCpuSeconds, startLyceum, stop, type Subject, thisBuild } from "./servers.js";

const connections = 32;
const roundMs = 2_000;
/** How much a send with its update may cost, of one without. */
const wanted = 1.15;

// Options of the other benches are passed over.
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "9" } }, strict: false });
const rounds = Number(options.rounds);

interface Sample {
  readonly rate: number;
  readonly p50: number;
  /** Of both processes, in milliseconds of a request. */
  readonly cpu: number;
}

/** A copy of this build whose sends write no update; the rest is this build. */
function buildWithout(folder: string): string {
  const root = join(folder, "without");
  mkdirSync(root);
  for (const name of ["node_modules", "proto", "package.json"])
    symlinkSync(join(thisBuild.root, name), join(root, name));
  cpSync(join(thisBuild.root, "dist"), join(root, "dist"), { recursive: true });
  const file = join(root, "dist/src/chats/messages/store.js");
  const source = readFileSync(file, "utf8");
  const without = source.replace('), ${told("sent", "m")}', ")");
  if (without === source) throw new Error("The statement of a send has no update any more: change the bench");
  writeFileSync(file, without);
  return root;
}

const directory = mkdtempSync(join(tmpdir(), "lyceum-bench-updates-"));
const postgres = await startEmbeddedPostgres({ directory: join(directory, "data"), log: undefined });
const subjects: Subject[] = [];
try {
  await migrations({ url: postgres.url }).latest();
  const secret = randomBytes(32).toString("hex");
  subjects.push(await startLyceum(postgres.url, secret));
  const { token, chats } = await makeSchool(subjects[0]!, connections);
  subjects.push(await startLyceum(postgres.url, secret, { name: "before", root: buildWithout(directory), args: [] }));
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", Accept: "application/json" };
  const sends = Array.from({ length: 1000 }, (_, at) =>
    requestBytes(
      "POST",
      `/v1/chats/${chats[at % chats.length]}/messages`,
      headers,
      Buffer.from(JSON.stringify({ text: textOf(at) })),
    ),
  );
  let index = 0;
  const next = (): Buffer => sends[index++ % sends.length]!;
  const measure = async (subject: Subject, connected: number): Promise<Sample> => {
    const used = (): number => cpuSeconds(subject) + postgresCpuSeconds(postgres.pid()!);
    const before = used();
    const { requests, seconds, latencies } = await run({
      port: subject.port,
      connections: connected,
      ms: roundMs,
      next,
      status: 201,
    });
    return {
      rate: requests / seconds,
      p50: percentile(latencies, 0.5),
      cpu: ((used() - before) / requests) * 1000,
    };
  };
  // What the consumers make of updates is no part of a send: another process has their leases.
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(
    "update update_consumers set leased_by = gen_random_uuid(), leased_until = now() + interval '1 day'",
  );
  await client.end();
  await delay(3_000);
  console.log(`a send with its update, as a multiple of one without (load average ${loadavg()[0]!.toFixed(1)}):`);
  for (const connected of [connections, 1]) {
    const samples = subjects.map((): Sample[] => []);
    for (const subject of subjects) await measure(subject, connected);
    for (let round = 0; round < rounds; round++)
      for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) samples[at]!.push(await measure(subjects[at]!, connected));
    // Of each round by itself, since both servers ran in it under the same conditions.
    const ratios = (of: (sample: Sample) => number): string =>
      percentile(
        Float64Array.from(samples[0]!.map((sample, at) => of(sample) / of(samples[1]![at]!))).sort(),
        0.5,
      ).toFixed(2);
    console.log(
      `  ${String(connected).padStart(2)} at once: time ${ratios(({ rate }) => 1 / rate)}, p50 ${ratios(({ p50 }) => p50)}, CPU ${ratios(({ cpu }) => cpu)} (wanted <= ${wanted})`,
    );
  }
} finally {
  for (const subject of subjects) await stop(subject);
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
