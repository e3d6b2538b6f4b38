// The faults of realtime: three servers on one Postgres, clients that know only what they are told, and everything that may befall them. Ends
// with 1 when a client has missed an update, has taken one twice, or has seen what it may not.
import { stopDatabases } from "../../support/database.js";
import { readRealtimeOptions, realtimeUsage, type RealtimeOptions } from "./options.js";
import { lineOf, playRealtime } from "./play.js";

if (process.argv.includes("--help")) {
  console.log(realtimeUsage);
  process.exit(0);
}
let options: RealtimeOptions;
try {
  options = readRealtimeOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${realtimeUsage}`);
  process.exit(2);
}

console.log(
  `${options.clients} clients at three servers, seed ${options.seed}, ` +
    (options.control === undefined
      ? "no rule broken on purpose"
      : `with the rule broken on purpose: ${options.control}`),
);
const results = await playRealtime(options, (result) => console.log(lineOf(result)));
await stopDatabases();
const broken = results.flatMap((result) => result.broken.map((promise) => `${result.kind}: ${promise}`));
console.log(
  broken.length === 0
    ? "\nEvery client has all, once and in order."
    : `\n${broken.length} promises were broken:\n${broken.join("\n")}`,
);
process.exit(broken.length === 0 ? 0 : 1);
