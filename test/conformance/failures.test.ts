// The committed list of failures, the official runner with it, and how `make conformance` ends where no runner starts.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { temporaryFolder } from "../support/database.js";
import { readFailureList } from "./failure-list.js";
import { adaptedRunner, bundledRunner, examine, findRunner } from "./official-runner.js";
import { forOlderLibraries } from "./older-libraries.js";
import { projectRoot } from "./testee-client.js";

const categories = readFailureList();
const listed = categories.flatMap(({ tests }) => tests);

describe("the list of conformance failures", () => {
  it("has the categories that the decisions make, each with tests", () => {
    expect(categories.map(({ name }) => name)).to.deep.equal([
      "refused types",
      "64-bit integers",
      "times",
      "unknown fields",
    ]);
    for (const { name, tests } of categories) expect(tests, name).not.to.be.empty;
  });

  it("names each test once, in full, and tests of proto3 alone", () => {
    expect(new Set(listed).size).to.equal(listed.length);
    for (const test of listed) expect(test).to.match(/^(Required|Recommended)\.Proto3\.[\w.[\]]+$/);
  });

  it("names no binary input that must be refused", () => {
    const input = /\.ProtobufInput\./;
    // A test that expects an answer has the form of the answer as the last part of its name.
    const valid =
      /\.(ValidData(Scalar|Repeated)\w*|RepeatedScalarSelectsLast|Unknown(Varint|Ordering))\.(.+\.)?(Protobuf|Json)Output$/;
    expect(listed.filter((test) => input.test(test) && !valid.test(test))).to.deep.equal([]);
    expect(listed.filter((test) => input.test(test))).not.to.be.empty;
  });

  it("names no test of JSON that must be refused", () => {
    const form = /\.(ProtobufOutput|JsonOutput|Validator)$/;
    expect(listed.filter((test) => !form.test(test))).to.deep.equal([]);
  });

  const kinds: Record<string, RegExp> = {
    "refused types": /\.Any|FieldMask|\.Struct|NullValue|\.Value[AR]|Repeated(List)?Value/,
    "64-bit integers": /INT64|FIXED64|\.Uint64Field|\.Int64Field/,
    times: /\.(Timestamp|DurationProto(Input|Nanos)(Too|Wrong))/,
    "unknown fields": /\.Unknown/,
  };
  for (const { name, tests } of categories) {
    it(`names under "${name}" nothing else`, () => {
      expect(tests.filter((test) => !kinds[name]!.test(test))).to.deep.equal([]);
    });
  }
});

describe("the official conformance runner", () => {
  it("finds that the listed tests fail, and no other", function () {
    const runner = findRunner();
    if ("absent" in runner) {
      expect(canRun(), `the runner ${runner.absent}`).to.equal(false);
      return this.skip();
    }
    const { isGood, successes, expected, output } = examine(runner.program);
    expect(isGood, output).to.equal(true);
    expect(expected).to.equal(listed.length);
    expect(successes).to.be.greaterThan(1000);
  });
});

describe("the official runner for older libraries", () => {
  const bundled = bundledRunner();
  before(function () {
    if (!canRun()) this.skip();
  });

  it("comes to the verdict that the other comes to", function () {
    const { isGood, successes, expected, output } = examine(adaptedRunner());
    expect(isGood, output).to.equal(true);
    expect(expected).to.equal(listed.length);
    expect(successes).to.be.greaterThan(1000);
  });

  it("is the same program but for a few bytes", () => {
    const [original, adapted] = [readFileSync(bundled), readFileSync(adaptedRunner())];
    expect(adapted).to.have.length(original.length);
    let changed = 0;
    for (let index = 0; index < original.length; index++) if (original[index] !== adapted[index]) changed++;
    expect(changed).to.be.within(1, 32);
  });

  it("fails where the testee does", async () => {
    // One that ended before it has read anything would end the runner with SIGPIPE.
    const testee = join(await temporaryFolder(), "testee");
    writeFileSync(testee, "#!/bin/sh\nhead -c 4 > /dev/null\n", { mode: 0o700 });
    const { status, stderr } = spawnSync(adaptedRunner(), ["--enforce_recommended", testee], { encoding: "utf8" });
    expect(status).not.to.equal(0);
    expect(stderr).to.include("unexpected EOF from test program");
  });

  it("is not made where a function has no equivalent", () => {
    const program = readFileSync(bundled);
    for (let at = 0; (at = program.indexOf("__isoc23_strtoul\0", at)) >= 0; at++) program.write("__isoc99", at);
    expect(() => forOlderLibraries(program)).to.throw("__isoc99_strtoul has no equivalent in older libraries");
    expect(() => forOlderLibraries(Buffer.from("#!/bin/sh\n"))).to.throw("This is no 64-bit ELF file");
  });
});

/** Whether this machine is one that the bundled runner can be made to run on. */
function canRun(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const [, minor] = /^2\.(\d+)/.exec(header.glibcVersionRuntime ?? "") ?? [];
  return process.platform === "linux" && process.arch === "x64" && Number(minor) >= 34;
}

describe("make conformance", () => {
  /** Runs it with a script in the place of the runner. */
  async function run(script: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const program = join(await temporaryFolder(), "runner");
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return spawnSync(process.execPath, ["--import", "tsx", fileURLToPath(new URL("run.ts", import.meta.url))], {
      cwd: projectRoot,
      env: { PATH: process.env["PATH"], CONFORMANCE_RUNNER: program },
      encoding: "utf8",
    });
  }

  /** A runner that starts, and then runs these commands. */
  function started(then: string): string {
    return `if [ "$1" = --help ]; then echo 'Usage: conformance-test-runner' >&2; exit 1; fi; ${then}`;
  }

  function suite(successes: number, expected: number, unexpected: number): string {
    const counts = `${successes} successes, 9 skipped, ${expected} expected failures, ${unexpected} unexpected failures.`;
    return `echo 'CONFORMANCE SUITE ENDED: ${counts}'`;
  }

  it("ends with 3 and the reason where the runner needs a newer C library", async () => {
    const { status, stderr } = await run(
      `echo "$0: libc.so.6: version \\\`GLIBC_2.99' not found (required by $0)" >&2; exit 1`,
    );
    expect(stderr).to.match(/skipped: their runner needs GLIBC_2\.99, which this machine does not have\.\n$/);
    expect(status).to.equal(3);
  });

  it("ends with 3 and the reason where the runner does not start at all", async () => {
    const { status, stderr } = await run("echo 'cannot execute' >&2; exit 127");
    expect(stderr).to.match(/skipped: their runner does not start \(cannot execute\)\.\n$/);
    expect(status).to.equal(3);
  });

  it("ends with 0 when the listed tests fail and no other", async () => {
    const { status, stdout } = await run(started(suite(5, listed.length, 0)));
    expect(stdout).to.match(/^5 tests passed, 9 were skipped, \d+ failed by decision:\n +\d+ refused types\n/);
    expect(status).to.equal(0);
  });

  const bad: Record<string, string> = {
    "another test fails": `${suite(5, listed.length, 1)}; exit 1`,
    "a listed test passes": suite(6, listed.length - 1, 0),
    "no test ran": suite(0, listed.length, 0),
    "the runner is killed": `${suite(5, listed.length, 0)}; kill -9 $$`,
  };
  for (const [what, script] of Object.entries(bad)) {
    it(`ends with 1, and prints all that the runner wrote, when ${what}`, async () => {
      const { status, stderr } = await run(started(`echo 'what happened' >&2; ${script}`));
      expect(stderr).to.include("what happened");
      expect(status).to.equal(1);
    });
  }
});
