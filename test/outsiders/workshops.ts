// The folders in which outsiders are built, and the commands that build them.
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { projectRoot } from "../support/program.js";
import { Absent, type RunOptions, type Workshop } from "./outsider.js";

/** The folder of what the tools generate, in a workshop; empty when a build begins. */
const generated = "gen";

/** How the tools say that a registry is out of reach, and not that it lacks a package. */
const unreachable =
  /could not resolve|unknown host|temporary failure in name resolution|no such host|connection (?:refused|timed out|reset)|network is unreachable|getaddrinfo|E(?:NOTFOUND|CONNREFUSED|AI_AGAIN|TIMEDOUT)|i\/o timeout|NewConnectionError/i;

/** A workshop for an outsider of that name. */
export async function openWorkshop(name: string, contract: string, url: string): Promise<Workshop> {
  const folder = join(projectRoot, "node_modules/.cache/outsiders", name);
  await mkdir(folder, { recursive: true });
  await rm(join(folder, generated), { recursive: true, force: true });
  await mkdir(join(folder, generated));
  const run = (command: string, args: readonly string[], options?: RunOptions): Promise<string> =>
    execute(command, args, { cwd: folder, ...options });
  const fetch = async (command: string, args: readonly string[], options?: RunOptions): Promise<string> => {
    try {
      return await run(command, args, options);
    } catch (error) {
      const [found] = unreachable.exec((error as Error).message) ?? [];
      if (found === undefined) throw error;
      throw new Absent(`${command} cannot reach its registry (${found})`);
    }
  };
  const once = async (target: string, wanted: string, work: () => Promise<unknown>): Promise<void> => {
    const note = join(folder, `${target}.wanted`);
    if ((await readFile(note, "utf8").catch(() => "")) === wanted) return;
    await rm(join(folder, target), { recursive: true, force: true });
    await work();
    await writeFile(note, wanted);
  };
  const generate = async (command: string, args: readonly string[]): Promise<void> => {
    const output = await run(command, args);
    if (output.trim() !== "") throw new Error(`${shown(command, args)}\nwarned:\n${output}`);
  };
  const place = (client: string): Promise<void> =>
    cp(join(projectRoot, "test/outsiders/clients", client), folder, { recursive: true });
  const all = await readdir(contract, { recursive: true });
  const protos = all.filter((path) => path.endsWith(".proto")).sort();
  return { folder, contract, protos, url, run, fetch, once, generate, place };
}

/** The arguments with which Node runs the buf of this project. */
export const buf: readonly string[] = [createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf")];

/** The first of these commands that is not on PATH. */
export async function missingCommand(commands: readonly string[]): Promise<string | undefined> {
  for (const command of commands) {
    const places = (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, command));
    const found = await Promise.all(
      places.map((place) =>
        access(place, constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) return command;
  }
  return undefined;
}

function execute(command: string, args: readonly string[], { cwd, env }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const fail = (why: string): void => reject(new Error(`${shown(command, args)}\n${why}\n${output}`.trim()));
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => (code === 0 ? resolve(output) : fail(`ended with ${code ?? signal}`)));
  });
}

/** A command as one line of a report: without most of a list of files. */
function shown(command: string, args: readonly string[]): string {
  const line = [command, ...args].join(" ");
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
