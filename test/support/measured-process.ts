// The real server in a process of its own, which reports how long its event loop was blocked and how much memory it uses.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfig } from "../../src/config.js";
import { startServer } from "../../src/server.js";

/** A command to the process. */
export type Command = "reset" | "stall" | "memory" | "stop";

/** A measurement. */
export interface Measurement {
  /** The longest time that the server blocked its event loop since the last reset, in milliseconds. */
  readonly stallMs: number;
  /** Heap in use and memory outside it, in bytes; after "memory" what garbage collection leaves of them. */
  readonly bytes: number;
  /** The number of open connections, those to the database among them. */
  readonly sockets: number;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
const collect = globalThis.gc;
if (!collect || !process.send) throw new Error("This program is started by measured-server.ts");
const server = await startServer(readConfig(process.env));
delay.enable();
let busyBefore = busyMs();

process.on("message", async (command: Command) => {
  if (command === "reset") {
    delay.reset();
    busyBefore = busyMs();
  }
  if (command === "stop") {
    await server.close();
    process.disconnect();
    return;
  }
  // On a busy machine the event loop also waits for a processor: only the time that it worked counts.
  const stallMs = Math.min(delay.max / 1e6, busyMs() - busyBefore || Infinity);
  if (command === "memory") {
    for (let round = 0; round < 3; round++) {
      collect();
      await sleep(20);
    }
  }
  const { heapUsed, external } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
  send({ stallMs, bytes: heapUsed + external, sockets });
});
send({ port: server.port });

/** The processor time of this thread in milliseconds; endless where the system does not report it. */
function busyMs(): number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6 : Infinity;
}

function send(message: Measurement | { port: number }): void {
  process.send!(message);
}
