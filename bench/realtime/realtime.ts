// What sockets cost, beside a bare ws server that does the least: memory, deliveries, the way from a commit to a socket, and a storm of those
// who come back. `make bench` runs it last, with as many open files as the system allows; by hand it is `--only storm --storm 1000`.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "../../src/platform/embedded/embedded-postgres.js";
import { migrations } from "../../src/platform/migrations/migrations.js";
import { stop } from "../servers.js";
import { measureDeliveries } from "./deliveries.js";
import { measureLatency } from "./latency.js";
import { measureMemory } from "./memory.js";
import { type Rig, SocketProcess, startBare, startForSockets } from "./rig.js";
import { makeSocketSchool } from "./school.js";
import { measureSlow } from "./slow.js";
import { measureStorm } from "./storm.js";

// Options of the other benches are passed over.
const { values: options } = parseArgs({
  options: {
    sockets: { type: "string", default: "10000" },
    members: { type: "string", default: "200" },
    people: { type: "string", default: "500" },
    storm: { type: "string", default: "5000" },
    messages: { type: "string", default: "600" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    processes: { type: "string", default: "2" },
    only: { type: "string", default: "memory,deliveries,latency,slow,storm" },
  },
  strict: false,
});
const number = (name: keyof typeof options): number => Number(options[name]);
const only = String(options.only).split(",");
const rounds = number("rounds");

const directory = mkdtempSync(join(tmpdir(), "lyceum-bench-realtime-"));
const postgres = await startEmbeddedPostgres({ directory, log: undefined });
const running: { process: SocketProcess["process"] }[] = [];
try {
  await migrations({ url: postgres.url }).latest();
  const secret = randomBytes(32).toString("hex");
  const lyceum = await startForSockets(postgres.url, secret);
  running.push(lyceum);
  const second = await startForSockets(postgres.url, secret);
  running.push(second);
  const floor = await startBare(postgres.url);
  running.push(floor);
  const processes = Array.from({ length: number("processes") }, () => new SocketProcess());
  running.push(...processes);
  const school = await makeSocketSchool(lyceum, { url: postgres.url, secret, count: number("people") });
  const rig: Rig = { lyceum, second, floor, school, processes };
  console.log(
    `sockets, on ${cpus().length} x ${cpus()[0]?.model ?? "?"}, Node ${process.version}, load average ${loadavg()[0]!.toFixed(1)}`,
  );
  if (only.includes("memory")) await measureMemory(rig, number("sockets"));
  if (only.includes("deliveries")) {
    const common = { members: number("members"), rounds, seconds: number("seconds") };
    await measureDeliveries(rig, { ...common, rate: 20 });
    await measureDeliveries(rig, common);
  }
  if (only.includes("latency")) await measureLatency(rig, { messages: number("messages"), rounds });
  if (only.includes("slow")) await measureSlow(rig, { rounds, seconds: 2 * number("seconds") });
  if (only.includes("storm")) await measureStorm(rig, number("storm"));
  console.log(`load average at the end ${loadavg()[0]!.toFixed(1)}`);
  await school.close();
} finally {
  for (const each of running) await stop(each);
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
