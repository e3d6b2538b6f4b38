// `make faults`: two servers on one Postgres under load, and everything that may befall them. Ends with 1 when a promise of
// docs/operations.md is broken.
import { stopDatabases } from "../support/database.js";
import { type Options, readOptions, usage } from "./options.js";
import { playFaults } from "./play.js";
import { line, table } from "./table.js";

if (process.argv.includes("--help")) {
  console.log(usage);
  process.exit(0);
}
let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exit(2);
}

console.log(
  `${options.writers} writers at two servers, seed ${options.seed}, ` +
    (options.control === undefined
      ? "no rule broken on purpose"
      : `with the rule broken on purpose: ${options.control}`),
);
const results = await playFaults(options, (result) => console.log(line(result)));
await stopDatabases();
const broken = results.flatMap((result) => result.broken.map((promise) => `${result.kind}: ${promise}`));
console.log(`\n${table(results)}\n`);
console.log(
  broken.length === 0 ? "Every promise was kept." : `${broken.length} promises were broken:\n${broken.join("\n")}`,
);
process.exit(broken.length === 0 ? 0 : 1);
