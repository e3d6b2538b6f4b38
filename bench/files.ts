// The cost of a file of 10 MB on its way in and out, beside bare node streams that do the same to a file: one transfer at a time,
// rounds interleaved. `make bench` runs it after people.ts.
import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../src/platform/migrations/migrations.js";
import { percentile } from "./load.js";
import { cpuSeconds, startLyceum, stop, thisBuild } from "./servers.js";

const size = 10 * 1024 * 1024;
/** Of each kind in a round: the clock of a process counts in steps of 10 ms. */
const transfers = 5;
/** How much slower than the floor a transfer may be, and how much more CPU it may use. */
const wanted = 1.3;

// Options of the other benches are passed over.
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "7" } }, strict: false });
const rounds = Number(options.rounds);

interface Subject {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
  readonly headers: Readonly<Record<string, string>>;
}

interface Kind {
  readonly name: string;
  /** What the floor is asked instead: it knows no forms. */
  readonly ofFloor: (subject: Subject) => Promise<unknown>;
  readonly ofLyceum: (subject: Subject) => Promise<unknown>;
}

interface Sample {
  /** In milliseconds. */
  readonly times: readonly number[];
  /** Of a transfer, in milliseconds. */
  readonly cpu: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Sends a request, and resolves with the answer and its body's chunks. Rejects when the answer is an error. */
async function ask(
  { port, headers }: Subject,
  path: string,
  upload?: { readonly type: string; readonly parts: readonly Buffer[] },
): Promise<Buffer[]> {
  const length = upload?.parts.reduce((sum, part) => sum + part.length, 0);
  const asked = request({
    agent,
    host: "127.0.0.1",
    port,
    path,
    method: upload ? "POST" : "GET",
    headers: { ...headers, ...(upload && { "Content-Type": upload.type, "Content-Length": length }) },
  });
  for (const part of upload?.parts ?? []) asked.write(part);
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  if (answer.statusCode! >= 300) throw new Error(`${path}: ${answer.statusCode} ${Buffer.concat(chunks).toString()}`);
  return chunks;
}

const bytes = randomBytes(size);
let count = 0;

/** 10 MB that no server has yet. */
function next(): Buffer {
  bytes.writeUInt32BE(++count);
  return bytes;
}

const sendRaw = (subject: Subject): Promise<Buffer[]> =>
  ask(subject, "/v1/files", { type: "application/octet-stream", parts: [next()] });

/** As long as that of curl: a parser skips by its length. */
const boundary = "------------------------d74496d66958873e";

const sendForm = (subject: Subject): Promise<Buffer[]> => {
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n` +
    "Content-Type: application/octet-stream\r\n\r\n";
  const parts = [Buffer.from(head), next(), Buffer.from(`\r\n--${boundary}--\r\n`)];
  return ask(subject, "/v1/files", { type: `multipart/form-data; boundary=${boundary}`, parts });
};

/** Downloads of one file, of which the first is compared with what was sent. */
async function downloadFrom(subject: Subject): Promise<(subject: Subject) => Promise<unknown>> {
  const { id } = JSON.parse(Buffer.concat(await sendRaw(subject)).toString()) as { id: string | number };
  const sent = hashOf([bytes]);
  const path = `/v1/files/${id}/content`;
  if (hashOf(await ask(subject, path)) !== sent) throw new Error(`${subject.name}: not what was sent`);
  return (again) => ask(again, path);
}

function hashOf(chunks: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

async function measure(subject: Subject, transfer: (subject: Subject) => Promise<unknown>): Promise<Sample> {
  const times: number[] = [];
  const before = cpuSeconds(subject);
  for (let at = 0; at < transfers; at++) {
    const began = performance.now();
    await transfer(subject);
    times.push(performance.now() - began);
  }
  return { times, cpu: ((cpuSeconds(subject) - before) / transfers) * 1000 };
}

async function compare({ name, ofFloor, ofLyceum }: Kind, floor: Subject, lyceum: Subject): Promise<void> {
  const samples: { floor: Sample[]; lyceum: Sample[] } = { floor: [], lyceum: [] };
  const runs = [
    { of: samples.floor, run: () => measure(floor, ofFloor) },
    { of: samples.lyceum, run: () => measure(lyceum, ofLyceum) },
  ];
  for (let round = -1; round < rounds; round++) {
    for (const { of, run } of round % 2 === 0 ? runs : runs.toReversed()) {
      const sample = await run();
      // The first round warms up.
      if (round >= 0) of.push(sample);
    }
  }
  const median = (values: readonly number[]): number => percentile(Float64Array.from(values).sort(), 0.5);
  const [ours, theirs] = [samples.lyceum, samples.floor].map((each) => ({
    ms: median(each.flatMap(({ times }) => times)),
    cpu: median(each.map(({ cpu }) => cpu)),
  }));
  console.log(
    `${name.padEnd(13)} p50 ${ours!.ms.toFixed(1)} ms, the floor ${theirs!.ms.toFixed(1)}: ${(ours!.ms / theirs!.ms).toFixed(2)} times; ` +
      `CPU ${ours!.cpu.toFixed(0)} ms, the floor ${theirs!.cpu.toFixed(0)}: ${(ours!.cpu / theirs!.cpu).toFixed(2)} times (wanted < ${wanted})`,
  );
}

/** Registers who uploads. Resolves with the token. */
async function login(port: number): Promise<string> {
  const person = { email: "bench@example.org", password: "correct horse" };
  const call = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { "Content-Type": "application/json" };
    const url = `http://127.0.0.1:${port}/v1/auth/${path}`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  await call("register", { ...person, first_name: "Мария", last_name: "Иванова" });
  return String((await call("login", person))["access_token"]);
}

async function startFloor(folder: string): Promise<Subject> {
  mkdirSync(folder);
  const child = fork(fileURLToPath(new URL("files-floor.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env["PATH"], FLOOR: folder },
  });
  const [port] = (await once(child, "message")) as [number];
  return { name: "the floor", port, process: child, headers: {} };
}

const directory = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
const postgres = await startEmbeddedPostgres({ directory, log: undefined });
const ends: (() => Promise<unknown>)[] = [];
try {
  await migrations({ url: postgres.url }).latest();
  const env = { DATA_DIR: join(directory, "data"), UPLOAD_QUOTA: "100000MiB" };
  const server = await startLyceum(postgres.url, randomBytes(32).toString("hex"), { ...thisBuild, env });
  ends.push(() => stop(server));
  const headers = { Authorization: `Bearer ${await login(server.port)}` };
  const lyceum: Subject = { ...server, headers };
  const floor = await startFloor(join(directory, "floor"));
  ends.push(() => stop(floor));
  console.log(`a file of 10 MB: ${rounds} rounds of ${transfers}, one at a time`);
  const [ofFloor, ofLyceum] = [await downloadFrom(floor), await downloadFrom(lyceum)];
  await compare({ name: "upload", ofFloor: sendRaw, ofLyceum: sendRaw }, floor, lyceum);
  await compare({ name: "upload, form", ofFloor: sendRaw, ofLyceum: sendForm }, floor, lyceum);
  await compare({ name: "download", ofFloor, ofLyceum }, floor, lyceum);
  console.log(`load average ${loadavg()[0]!.toFixed(1)}`);
} finally {
  agent.destroy();
  for (const end of ends) await end();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
