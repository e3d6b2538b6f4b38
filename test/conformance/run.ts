// `make conformance`: the official conformance tests. Ends with 0 when exactly the tests in failures.txt fail, with 1
// otherwise, and with 3 where the runner cannot run.
import { readFailureList } from "./failure-list.js";
import { examine, findRunner } from "./official-runner.js";

const runner = findRunner();
if ("absent" in runner) {
  console.error(`The conformance tests are skipped: their runner ${runner.absent}.`);
  process.exitCode = 3;
} else {
  const { isGood, successes, skipped, expected, output } = examine(runner.program);
  if (runner.isAdapted)
    console.log("The runner was linked with newer libraries, and runs as a copy for those of this machine.");
  if (isGood) {
    console.log(`${successes} tests passed, ${skipped} were skipped, ${expected} failed by decision:`);
    for (const { name, tests } of readFailureList()) console.log(`${String(tests.length).padStart(5)} ${name}`);
  } else {
    console.error(output);
    console.error("What is expected to fail stands in test/conformance/failures.txt.");
    process.exitCode = 1;
  }
}
