// The threads that run bcrypt, so that it blocks no request. They start with the first task; idle ones do not keep the process alive.
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { PasswordTask } from "./password-worker.js";

interface Running {
  settle(answer: unknown): void;
  refuse(error: Error): void;
}

/** Starts the worker from the file beside this one, in TypeScript or JavaScript as this file is. */
function startWorker(isPatient: boolean): Worker {
  const workerData = { isPatient };
  if (!import.meta.url.endsWith(".ts"))
    return new Worker(new URL("./password-worker.js", import.meta.url), { workerData });
  // A thread of Node 20 does not inherit the loader that reads TypeScript.
  const { resolve } = createRequire(import.meta.url);
  const [loader, worker] = [resolve("tsx/cjs"), resolve("./password-worker.ts")].map((file) => JSON.stringify(file));
  return new Worker(`require(${loader}); require(${worker})`, { eval: true, execArgv: [], workerData });
}

export class PasswordThreads {
  readonly #idle: Worker[] = [];
  readonly #all = new Map<Worker, Running | undefined>();

  /** At most `count` threads. Patient ones leave the processor to every other thread that can use it, as far as the system knows that. */
  constructor(
    readonly count: number,
    private readonly isPatient = false,
  ) {}

  /** Whether a task would begin at once. */
  get hasFree(): boolean {
    return this.#idle.length > 0 || this.#all.size < this.count;
  }

  /** Runs a task on a free thread; there must be one. Rejects when the task ends its thread; another takes its place. */
  run(task: PasswordTask): Promise<unknown> {
    const worker = this.#idle.pop() ?? this.#start();
    return new Promise((settle, refuse) => {
      this.#all.set(worker, { settle, refuse });
      // Keeps the process alive until the answer comes: a command would end before it.
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      worker.postMessage(task);
    });
  }

  /** Ends the threads. Tasks under way are rejected with `reason`. */
  async close(reason: Error): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    for (const [, running] of all) running?.refuse(reason);
    await Promise.all(all.map(([worker]) => worker.terminate()));
  }

  #start(): Worker {
    const worker = startWorker(this.isPatient);
    worker.on("message", (answer: unknown) => {
      const running = this.#all.get(worker);
      this.#all.set(worker, undefined);
      worker.unref();
      this.#idle.push(worker);
      running?.settle(answer);
    });
    const lost = (error: Error): void => {
      const running = this.#all.get(worker);
      this.#all.delete(worker);
      if (this.#idle.includes(worker)) this.#idle.splice(this.#idle.indexOf(worker), 1);
      running?.refuse(error);
    };
    worker.on("error", lost);
    worker.on("exit", (code) => lost(new Error(`A password thread ended with code ${code}`)));
    return worker;
  }
}
