// The program: reads its options, runs the checks, reports the outcomes, and removes what was created.
import { readFile, stat } from "node:fs/promises";
import { CommanderError } from "commander";
import type { Outcome } from "../check.js";
import { checksOf } from "./checks.js";
import { isChosen, readOptions, type Options } from "./command-line.js";
import { buildDescriptorSet, readDescriptors, type Descriptors } from "../client/descriptors.js";
import { Openings } from "../client/socket/openings.js";
import { Mailbox } from "../cases/mailbox.js";
import type { Target } from "../cases/target.js";
import { Worker } from "../cases/worker.js";
import { reporterNamed } from "../report/reporters.js";
import type { Screen } from "../report/spec.js";
import { runChecks } from "./run-checks.js";
import { Secrets } from "./secrets.js";
import type { Suite } from "../suite.js";
import { checkedClient, documentOf, NoServer } from "./checked-client.js";

/** After this number of checks in a row without any answer, the run stops. */
const mostSilent = 10;
const isSilence = /No answer to|ECONNREFUSED|ECONNRESET|socket hang up/;

/** The checks could not run at all; the message is the reason. */
class CannotRun extends Error {}

/** Where the program writes. */
export interface Output extends Screen {
  readonly write: (text: string) => void;
  /** Receives the reason why it could not run; standard error when absent. */
  readonly complain?: (text: string) => void;
}

const standardOutput: Output = {
  write: (text) => void process.stdout.write(text),
  isTerminal: process.stdout.isTTY === true,
  noColor: Boolean(process.env["NO_COLOR"]),
  columns: process.stdout.columns ?? 80,
};

/** Runs the program; returns its exit code: 0, 1 when a promise is broken, 2 when it could not run. */
export async function runProgram(
  name: string,
  suite: Suite,
  words: readonly string[],
  output = standardOutput,
): Promise<number> {
  const { write, complain = (text) => void process.stderr.write(text) } = output;
  try {
    return await run(suite, readOptions(name, words, { write, complain }), output);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isOurs = error instanceof CannotRun || error instanceof NoServer;
    complain(`${isOurs ? error.message : error instanceof Error ? (error.stack ?? "") : String(error)}\n`);
    return 2;
  }
}

async function run(suite: Suite, options: Options, output: Output): Promise<number> {
  const descriptors = await contractOf(suite, options);
  const checks = checksOf(suite, descriptors, options).filter((check) => isChosen(options, check));
  if (checks.length === 0) throw new CannotRun("No check is chosen by these options; --list prints all of them.");
  if (options.list) {
    for (const { path, codec, tags } of checks)
      output.write(`${path.join(" › ")}${codec && ` (${codec})`} [${tags.join(", ")}]\n`);
    return 0;
  }
  const secrets = new Secrets(options.accounts);
  const reporter = reporterNamed(options.reporter, output.write, output);
  let overSocket = 0;
  const target: Target = {
    ...(await targetOf(suite, options, descriptors, secrets, (line) => reporter.progress(line))),
    onSocketCall: () => void (overSocket += 1),
  };
  const workers = Array.from({ length: Math.min(options.jobs, checks.length) }, () => new Worker(target));
  const { url, seed } = options;
  const count = { passed: 0, failed: 0, skipped: 0, blocked: 0 };
  let silent = 0;
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const began = performance.now();
  reporter.begin({ url, seed, checks: checks.length });
  await runChecks(checks, {
    workers,
    signal: stop.signal,
    onOutcome: (outcome: Outcome) => {
      count[outcome.status]++;
      if (outcome.status === "failed" && options.bail) stop.abort();
      if (isSilence.test(outcome.why)) silent += 1;
      else if (outcome.status !== "blocked") silent = 0;
      if (silent === mostSilent) stop.abort();
      reporter.add({ ...outcome, why: secrets.masked(outcome.why) });
    },
  });
  const closed = options.keep ? [] : await Promise.all(workers.map((worker) => worker.close()));
  const notes = closed.flat().map((note) => secrets.masked(note));
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  const undone = checks.length - count.passed - count.failed - count.skipped - count.blocked;
  if (count.failed > 0 && !options.keep && notes.length === 0)
    notes.push("what was created is removed; with --keep it remains, and the curl lines can be sent again");
  if (silent >= mostSilent) notes.push("the server no longer answers: the run was stopped");
  if (undone > 0) notes.push(`${undone} checks did not begin`);
  reporter.end({
    url,
    seed,
    checks: checks.length,
    ...count,
    overSocket,
    milliseconds: performance.now() - began,
    notes,
  });
  return count.failed > 0 ? 1 : undone > 0 ? 2 : 0;
}

async function contractOf(suite: Suite, { contract, url }: Options): Promise<Descriptors> {
  try {
    if (contract === "served") return readDescriptors(await documentOf(url, suite.documents.descriptorSet));
    const path = contract ?? suite.descriptorSet;
    if ((await stat(path)).isDirectory()) return readDescriptors(await buildDescriptorSet(String(path)));
    return readDescriptors(await readFile(path));
  } catch (error) {
    if (error instanceof NoServer) throw error;
    throw new CannotRun(`The contract cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
}

async function targetOf(
  suite: Suite,
  { url, accounts, throwaway, mailbox }: Options,
  descriptors: Descriptors,
  secrets: Secrets,
  progress: (line: string) => void,
): Promise<Target> {
  const client = await checkedClient(url, descriptors, suite.documents.openApi, {
    masked: (request) => secrets.maskedRequest(request),
    onMessage: (request, message) => secrets.learn(request, message),
  });
  return {
    client: (server) => Promise.resolve(server === "" ? client : undefined),
    enrolment: suite.enrolment,
    accounts,
    isThrowaway: throwaway,
    socket: suite.socket,
    openings: new Openings(),
    ...(mailbox !== undefined && { mailbox: new Mailbox(mailbox) }),
    progress,
    addSecret: (secret) => secrets.add(secret),
  };
}
