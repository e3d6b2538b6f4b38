// The real server in a process of its own, which tells its parent how long its event loop stood still and how much
// memory it holds.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfig } from "../../src/config.js";
import { startServer } from "../../src/server.js";

/** What the parent sends. */
export type Ask = "reset" | "stall" | "memory" | "stop";

/** What it is answered. */
export interface Told {
  /** The longest that the server itself held up its event loop since the last reset, in milliseconds. */
  readonly stallMs: number;
  /** Heap in use and memory outside it; after "memory" what garbage collection leaves of them. */
  readonly bytes: number;
  /** Open connections, those to the database among them. */
  readonly sockets: number;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
const collect = globalThis.gc;
if (!collect || !process.send) throw new Error("This program is started by measured-server.ts");
const server = await startServer(readConfig(process.env));
delay.enable();
let busyBefore = busyMs();

process.on("message", async (ask: Ask) => {
  if (ask === "reset") {
    delay.reset();
    busyBefore = busyMs();
  }
  if (ask === "stop") {
    await server.close();
    process.disconnect();
    return;
  }
  // Where other programs want the processor too, the loop stands still for their sake; never longer than it worked.
  const stallMs = Math.min(delay.max / 1e6, busyMs() - busyBefore || Infinity);
  if (ask === "memory") {
    for (let round = 0; round < 3; round++) {
      collect();
      await sleep(20);
    }
  }
  const { heapUsed, external } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
  tell({ stallMs, bytes: heapUsed + external, sockets });
});
tell({ port: server.port });

/** For how long this thread has had a processor, where the system says so; endless elsewhere. */
function busyMs(): number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6 : Infinity;
}

function tell(told: Told | { port: number }): void {
  process.send!(told);
}
