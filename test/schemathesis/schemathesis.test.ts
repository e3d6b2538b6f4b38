// schemathesis, which makes requests from the OpenAPI document, finds no difference between it and the server. It comes from
// PyPI; where that or Python is not there, the test is skipped, and says why.
import { execFile, type ExecFileException } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { projectRoot } from "../support/program.js";
import { testServer, type TestServer } from "../support/server.js";

const requirements = join(projectRoot, "test/schemathesis/requirements.txt");
const folder = join(projectRoot, "node_modules/.cache/schemathesis");
const [python, program] = ["python", "schemathesis"].map((name) => join(folder, "bin", name)) as [string, string];
/** The generated requests of each method; absent for the examples of the document alone, which take seconds. `make nightly` has all. */
const examples = process.env["SCHEMATHESIS_EXAMPLES"];
const installed = join(folder, "installed.txt");

interface Ended {
  readonly code: number;
  readonly output: string;
}

function run(
  command: string,
  words: readonly string[],
  seconds: number,
  env: Record<string, string> = {},
): Promise<Ended> {
  // There it keeps what it remembers of its runs.
  const options = { cwd: folder, env: { ...process.env, ...env }, timeout: seconds * 1000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile(command, words, options, (error: ExecFileException | null, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, output: `${stdout}${stderr}${error?.code === "ENOENT" ? "it is not installed" : ""}` });
    });
  });
}

/** Installs what is not there yet; the reason why it cannot be had. */
async function install(): Promise<string | undefined> {
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const made = await run("python3", ["-m", "venv", folder], 60);
  if (made.code !== 0) return `no python3 with venv: ${lastLine(made.output)}`;
  const quick = ["--timeout", "5", "--retries", "0", "--disable-pip-version-check", "--quiet"];
  const got = await run(python, ["-m", "pip", "install", ...quick, "--requirement", requirements], 120);
  if (got.code !== 0) return `PyPI does not give it: ${lastLine(got.output)}`;
  writeFileSync(installed, wanted);
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "no answer in time";
}

describe("schemathesis", function () {
  this.timeout(800_000);
  let server: TestServer;
  let token: string;

  before(async function () {
    const obstacle = await install();
    if (obstacle !== undefined) {
      console.log(`      skipped: schemathesis cannot be had here (${obstacle})`);
      return this.skip();
    }
    server = await testServer();
    const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
      const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
      expect(response.status, path).to.be.below(300);
      return (await response.json()) as Record<string, unknown>;
    };
    token = "";
    const login = { email: "schema@example.org", password: "correct horse" };
    await post("/v1/auth/register", { ...login, first_name: "Schema", last_name: "Thesis" });
    token = (await post("/v1/auth/login", login))["access_token"] as string;
    await post("/v1/chats", { title: "The examples of the document name what has the id 1" });
    await post("/v1/chats/1/messages", { text: "The first message" });
  });
  after(() => server?.close());

  it("finds nothing that the document promises and the server does not keep", async () => {
    const settings = ["--config-file", join(projectRoot, "schemathesis.toml")];
    const words = [...settings, "run", `${server.url}/openapi.json`, "--checks", "all", "--mode", "all", "--no-color"];
    const bounds = [
      "--phases",
      examples === undefined ? "examples" : "examples,coverage,fuzzing",
      "--max-examples",
      examples ?? "10",
      "--seed",
      "1",
      "--workers",
      "1",
    ];
    // A busy machine is no finding. One worker: with threads, Python 3.11 miscounts the depth of its syntax trees.
    const patient = ["--suppress-health-check", "all", "--request-timeout", "60"];
    const { code, output } = await run(program, [...words, ...bounds, ...patient], 580, {
      LYCEUM_URL: server.url,
      LYCEUM_TOKEN: token,
      PYTHONPATH: join(projectRoot, "test/schemathesis"),
      PYTHONDONTWRITEBYTECODE: "1",
      SCHEMATHESIS_HOOKS: "promises",
    });
    expect(code, output.slice(Math.max(0, output.search(/= (?:FAILURES|ERRORS|WARNINGS)/)))).to.equal(0);
    const statuses = JSON.parse(/^STATUSES (.*)$/m.exec(output)![1]!) as Record<string, number>;
    const numberOf = (status: RegExp): number =>
      Object.entries(statuses).reduce((sum, [name, count]) => sum + (status.test(name) ? count : 0), 0);
    expect(numberOf(/./), output).to.be.above(examples === undefined ? 60 : 1000);
    // Some methods ask for the password again, and the example is not that of the caller.
    expect(numberOf(/ 401$/) / numberOf(/./), output).to.be.below(0.4);
    const succeeded = new Set(
      Object.keys(statuses).flatMap((name) => (/ 20[01]$/.exec(name) ? [name.split(" ")[0]] : [])),
    );
    expect(succeeded.size, [...succeeded].join()).to.be.at.least(22);
  });
});
