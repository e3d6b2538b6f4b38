// The cost of a request, in comparison with a floor that does only the same work: one run, one machine, one database, rounds
// interleaved so that all servers run under the same conditions. `make bench`; ARGS="--before FOLDER" adds an earlier commit that
// is checked out and built there.
import { deepStrictEqual } from "node:assert";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { codecs } from "../src/contract/codecs/codec.js";
import { loadContract, type Contract } from "../src/contract/model/load.js";
import { startEmbeddedPostgres } from "../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../src/platform/migrations/migrations.js";
import { type Measured, percentile, requestBytes, run } from "./load.js";
import { measureImports } from "./imports.js";
import { measureRoutes } from "./routes.js";
import { logIn, makeSchool, type School, textOf } from "./school.js";
import { cpuSeconds, memoryMb, postgresCpuSeconds, startFloor, startLyceum, stop, type Subject } from "./servers.js";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    before: { type: "string" },
  },
});
const [rounds, seconds, connections] = [Number(options.rounds), Number(options.seconds), Number(options.connections)];

/** The widths of the table. */
const labelWidth = 27;
const widths = [8, 9, 9, 13, 15, 15];

interface Scenario {
  readonly name: string;
  readonly status: number;
  readonly next: () => Buffer;
  readonly wanted: number;
}

interface Sample extends Measured {
  readonly cpu: number;
  readonly postgresCpu: number;
}

const directory = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
const postgres = await startEmbeddedPostgres({ directory, log: undefined });
const subjects: Subject[] = [];
try {
  await migrations({ url: postgres.url }).latest();
  const secret = randomBytes(32).toString("hex");
  const lyceum = await startLyceum(postgres.url, secret);
  subjects.push(lyceum);
  const idleMb = memoryMb(lyceum);
  const floors: Subject[] = [];
  for (const name of ["same SQL", "simple SQL"] as const) floors.push(await startFloor(name, postgres.url, secret));
  subjects.push(...floors);
  const school = await makeSchool(lyceum, connections);
  const earlier = options.before === undefined ? undefined : await startEarlier(options.before, secret);
  const contract = loadContract(fileURLToPath(new URL("../proto", import.meta.url)));
  await compareAnswers(contract, school, lyceum, floors);

  console.log(
    `${cpus().length} x ${cpus()[0]?.model ?? "?"}, Node ${process.version}; ${connections} connections, ${rounds} rounds of ${seconds} s\n`,
  );
  console.log(`${" ".repeat(labelWidth)}   req/s   p50 ms   p99 ms   CPU s/1000   Postgres CPU   bytes/answer`);
  const earlierScenarios = earlier && scenarios(contract, earlier.school);
  for (const [index, scenario] of scenarios(contract, school).entries()) {
    const runs: Run[] = [...floors, lyceum].map((subject) => ({ subject, scenario }));
    if (earlier) runs.push({ subject: earlier.subject, scenario: earlierScenarios![index]! });
    await compare(scenario, runs);
  }
  console.log(
    `start to ready ${Math.round(lyceum.startMs)} ms (wanted < 2000); idle memory ${idleMb.toFixed(0)} MB (wanted < 120)`,
  );
  measureRoutes();
  await appoint(postgres.url);
  await measureImports(lyceum, await logIn(lyceum));
} finally {
  for (const subject of subjects) await stop(subject);
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Makes teachers of everybody: of those who import, too. */
async function appoint(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("update users set role = 'ROLE_TEACHER'");
  await client.end();
}

/** Starts the server of an earlier commit, checked out and built in a folder, on a database of its own with the same data. */
async function startEarlier(folder: string, secret: string): Promise<{ subject: Subject; school: School }> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("create database earlier");
  await client.end();
  const url = new URL(postgres.url);
  url.pathname = "/earlier";
  const subject = await startLyceum(url.href, secret, { name: "before", root: resolve(folder), args: ["--migrate"] });
  subjects.push(subject);
  return { subject, school: await makeSchool(subject, connections) };
}

function scenarios(contract: Contract, { token, fullChat, chats }: School): Scenario[] {
  const common = { Authorization: `Bearer ${token}` };
  const json = { Accept: "application/json" };
  const protobuf = { Accept: "application/protobuf" };
  const list = `/v1/chats/${fullChat}/messages?limit=50`;
  const write = codecs.protobuf.writer(contract.root.lookupType("lyceum.v1.SendMessageRequest"));
  const sends = (type: string, body: (text: string) => Buffer) =>
    Array.from({ length: 1000 }, (_, index) => {
      const path = `/v1/chats/${chats[index % chats.length]}/messages`;
      return requestBytes("POST", path, { ...common, "Content-Type": type, Accept: type }, body(textOf(index)));
    });
  return [
    { name: "read json", status: 200, wanted: 0.88, next: always(requestBytes("GET", list, { ...common, ...json })) },
    {
      name: "read protobuf",
      status: 200,
      wanted: 0.85,
      next: always(requestBytes("GET", list, { ...common, ...protobuf })),
    },
    {
      name: "send json",
      status: 201,
      wanted: 0.8,
      next: around(sends("application/json", (text) => Buffer.from(JSON.stringify({ text })))),
    },
    {
      name: "send protobuf",
      status: 201,
      wanted: 0.8,
      next: around(sends("application/protobuf", (text) => write({ text }))),
    },
  ];
}

function always(bytes: Buffer): () => Buffer {
  return () => bytes;
}

function around(all: readonly Buffer[]): () => Buffer {
  let index = 0;
  return () => all[index++ % all.length]!;
}

async function measure(scenario: Scenario, subject: Subject, ms: number): Promise<Sample> {
  const used = () => [cpuSeconds(subject), postgresCpuSeconds(postgres.pid()!)] as const;
  const before = used();
  const measured = await run({ ...scenario, port: subject.port, connections, ms });
  const after = used();
  return { ...measured, cpu: after[0] - before[0], postgresCpu: after[1] - before[1] };
}

/** A server, and what it is asked. */
interface Run {
  readonly subject: Subject;
  readonly scenario: Scenario;
}

async function compare({ name, wanted }: Scenario, runs: readonly Run[]): Promise<void> {
  const samples = new Map<Subject, Sample[]>(runs.map(({ subject }) => [subject, []]));
  for (const { scenario, subject } of runs) await measure(scenario, subject, 2000);
  for (let round = 0; round < rounds; round++) {
    // The order alternates, so that no server always benefits from caches that another has filled.
    for (const { scenario, subject } of round % 2 === 0 ? runs : runs.toReversed())
      samples.get(subject)!.push(await measure(scenario, subject, seconds * 1000));
  }
  const summaries = new Map([...samples].map(([subject, each]) => [subject.name, summary(each)]));
  let label = `${name}: `;
  for (const [subject, each] of summaries) {
    print(label + subject, each);
    label = " ".repeat(label.length);
  }
  const ours = summaries.get("lyceum")!;
  for (const [subject, other] of summaries) {
    if (subject === "lyceum") continue;
    const ratios = [
      ours.rate / other.rate,
      other.p50 / ours.p50,
      other.p99 / ours.p99,
      other.cpu / ours.cpu,
      other.postgresCpu / ours.postgresCpu,
      other.bytes / ours.bytes,
    ];
    const cells = ratios.map((ratio, index) => ratio.toFixed(2).padStart(widths[index]!)).join("");
    const isFloor = subject !== "before";
    console.log(
      `  of ${isFloor ? "the floor, " : ""}${subject}`.padEnd(labelWidth) +
        cells +
        (isFloor ? `   (wanted >= ${wanted})` : ""),
    );
  }
  console.log();
}

interface Summary {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly postgresCpu: number;
  readonly bytes: number;
}

/** The median over the rounds, for each number separately. */
function summary(samples: readonly Sample[]): Summary {
  const median = (of: (sample: Sample) => number) => percentile(Float64Array.from(samples.map(of)).sort(), 0.5);
  return {
    rate: median(({ requests, seconds: took }) => requests / took),
    p50: median(({ latencies }) => percentile(latencies, 0.5)),
    p99: median(({ latencies }) => percentile(latencies, 0.99)),
    cpu: median(({ cpu, requests }) => (cpu / requests) * 1000),
    postgresCpu: median(({ postgresCpu, requests }) => (postgresCpu / requests) * 1000),
    bytes: median(({ bytes, requests }) => bytes / requests),
  };
}

function print(name: string, { rate, p50, p99, cpu, postgresCpu, bytes }: Summary): void {
  const cells = [
    rate.toFixed(0),
    p50.toFixed(2),
    p99.toFixed(2),
    cpu.toFixed(3),
    postgresCpu.toFixed(3),
    bytes.toFixed(0),
  ];
  console.log(name.padEnd(labelWidth) + cells.map((cell, index) => cell.padStart(widths[index]!)).join(""));
}

/** Throws when the answers of the servers differ. Page tokens are opaque, and each server has its own. */
async function compareAnswers(
  contract: Contract,
  { token, fullChat, chats }: School,
  lyceum: Subject,
  floors: readonly Subject[],
): Promise<void> {
  const list = codecs.protobuf.reader(contract.root.lookupType("lyceum.v1.ListMessagesResponse"));
  const message = codecs.protobuf.reader(contract.root.lookupType("lyceum.v1.Message"));
  const write = codecs.protobuf.writer(contract.root.lookupType("lyceum.v1.SendMessageRequest"));
  const ask = async ({ port }: Subject, path: string, type: string, body?: Buffer) => {
    const headers = { Authorization: `Bearer ${token}`, Accept: type, ...(body && { "Content-Type": type }) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: body ? "POST" : "GET",
      headers,
      body: body && new Uint8Array(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const path = `/v1/chats/${fullChat}/messages?limit=50`;
  const pages = await Promise.all(
    [lyceum, ...floors].flatMap((subject) => [
      ask(subject, path, "application/json").then((bytes) => JSON.parse(bytes.toString()) as Record<string, unknown>),
      ask(subject, path, "application/protobuf").then(list),
    ]),
  );
  for (const page of pages) {
    if (page["next_page_token"] === "") throw new Error("a page token is missing");
    deepStrictEqual(page["messages"], pages[0]!["messages"]);
  }
  const text = textOf(1);
  const same = (sent: object) => ({ ...sent, id: 0, seq: 0, created_at: "" });
  const sentAs = async (subject: Subject, type: string, body: Buffer, read: (bytes: Buffer) => object) =>
    same(read(await ask(subject, `/v1/chats/${chats[0]}/messages`, type, body)));
  const json = (bytes: Buffer) => JSON.parse(bytes.toString()) as object;
  const expected = await sentAs(lyceum, "application/json", Buffer.from(JSON.stringify({ text })), json);
  for (const subject of [lyceum, ...floors]) {
    deepStrictEqual(await sentAs(subject, "application/json", Buffer.from(JSON.stringify({ text })), json), expected);
    deepStrictEqual(await sentAs(subject, "application/protobuf", write({ text }), message), expected);
  }
}
