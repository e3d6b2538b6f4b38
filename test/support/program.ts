// The command line of Lyceum in a process of its own, with an environment of its own. Every process that is started here
// ends with the test run at the latest.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./database.js";

/** The folder of the project. */
export const projectRoot = fileURLToPath(new URL("../../", import.meta.url));

export interface ProgramOptions {
  /** Its environment beside PATH; the variables of the tests are not passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; empty by default. */
  readonly input?: string;
  /** Its working directory; an empty folder by default, so that no .env is found. */
  readonly cwd?: string;
  /** A command in front, such as a program that changes the user. */
  readonly prefix?: readonly string[];
  /** Modules that Node loads first. */
  readonly preload?: readonly URL[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its output so far, standard output and standard error together. */
  output(): string;
  readonly ended: Promise<Ended>;
}

export interface Server extends Program {
  /** `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** From its start to the log line that it listens, in milliseconds. */
  readonly startMs: number;
}

const patienceMs = 30_000;

/** Runs a command to its end. */
export async function lyceum(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return (await start(args, options)).ended;
}

/** Starts `lyceum serve` on any free port, and waits until it listens. Fails with its output when it ends before. */
export async function serve(options: ProgramOptions = {}, args: readonly string[] = []): Promise<Server> {
  const env = {
    NODE_ENV: "test",
    HOST: "127.0.0.1",
    PORT: "0",
    PASSWORD_COST: "4",
    // Tests send more than anybody may.
    RATE_FACTOR: "100000",
    LOG_FORMAT: "text",
    ...options.env,
  };
  const began = performance.now();
  const program = await start(["serve", ...args], { ...options, env });
  for (;;) {
    const line = program
      .output()
      .split("\n")
      .find((each) => each.includes("listening"));
    const port = /"port":(\d+)/.exec(line ?? "")?.[1];
    if (port !== undefined) {
      return { ...program, port: Number(port), url: `http://127.0.0.1:${port}`, startMs: performance.now() - began };
    }
    const ended = await Promise.race([program.ended, delay(5)]);
    if (performance.now() - began > patienceMs) {
      program.child.kill("SIGKILL");
      throw new Error(`The server does not listen:\n${program.output()}`);
    }
    if (ended) throw new Error(`The server ended with ${ended.code ?? ended.signal}:\n${ended.stdout}${ended.stderr}`);
  }
}

/** Starts a command and leaves it running. */
export async function start(args: readonly string[], given: ProgramOptions = {}): Promise<Program> {
  const { env = {}, input = "", cwd = await emptyFolder(), prefix = [], preload = [] } = given;
  const imports = [...preload.map(String), ...program.imports].flatMap((file) => ["--import", file]);
  // As for the tests themselves, in .mocharc.cjs.
  const options = ["--interrupt-budget=1000000", ...imports];
  const [command = "", ...rest] = [...prefix, process.execPath, ...options, program.main, ...args];
  const child = spawn(command, rest, {
    cwd,
    env: { PATH: process.env["PATH"], NODE_V8_COVERAGE: process.env["NODE_V8_COVERAGE"], ...env },
    // A process group of its own, which a test may interrupt as a terminal does.
    detached: true,
  });
  running.add(child);
  const written = { stdout: "", stderr: "", both: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      written.both += text;
    });
  }
  child.stdin.on("error", () => undefined).end(input);
  const ended = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    const { stdout, stderr } = written;
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr };
  });
  return { child, pid: child.pid!, output: () => written.both, ended };
}

/** Ends programs that still run: with SIGTERM, after eight seconds with SIGKILL. */
export async function end(...programs: readonly (Program | undefined)[]): Promise<void> {
  for (const program of programs) program?.child.kill("SIGTERM");
  const late = setTimeout(() => programs.forEach((program) => program?.child.kill("SIGKILL")), 8_000);
  await Promise.all(programs.map((program) => program?.ended));
  clearTimeout(late);
}

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** The build starts faster, and is what an operator runs; it is used when no source is newer. */
const program = isBuilt()
  ? { main: join(projectRoot, "dist/src/main.js"), imports: [] }
  : { main: join(projectRoot, "src/main.ts"), imports: [import.meta.resolve("tsx")] };

function isBuilt(): boolean {
  const built = newest(join(projectRoot, "dist"), /^\.built$/);
  // Coverage is reported for sources.
  if (process.env["NODE_V8_COVERAGE"] !== undefined || built === 0) return false;
  return ["src", "migrations"].every((folder) => newest(join(projectRoot, folder), /\.ts$/) <= built);
}

function newest(folder: string, name: RegExp): number {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => name.test(file.name));
    return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
  } catch {
    return 0;
  }
}

let folder: Promise<string> | undefined;
const emptyFolder = (): Promise<string> => (folder ??= temporaryFolder());
