// Hashes passwords and compares them with hashes, in worker threads, so that bcrypt blocks no other request. Knows no
// account.
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { truncates } from "bcryptjs";
import { ApiError } from "../errors.js";
import type { PasswordTask } from "./password-worker.js";

export interface Passwords {
  /** The hash to store. Rejects with a RangeError, a bug of the caller, when the password has more than 72 bytes. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password belongs to the hash. False, after the same time, when there is no hash (no account has this
   * address) and when the password is longer than bcrypt reads.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>;
  /** Ends the threads; unfinished work is rejected with SHUTTING_DOWN. */
  close(): Promise<void>;
}

export interface PasswordOptions {
  /** The number of rounds is 2 to this power; 12 takes about a quarter of a second. */
  readonly cost: number;
  /** One less than the number of cores, at least 1 and at most 2, when absent. */
  readonly threads?: number;
  /** How many may wait; further ones are rejected with OVERLOADED. 100 when absent. */
  readonly queue?: number;
}

interface Job {
  readonly task: PasswordTask;
  readonly settle: (answer: unknown) => void;
  readonly refuse: (error: Error) => void;
}

/** Leaves one core to the event loop, where there is more than one. */
const defaultThreads = Math.max(1, Math.min(2, availableParallelism() - 1));

/** Starts the worker from the file beside this one, in TypeScript or JavaScript as this file is. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./password-worker.js", import.meta.url));
  // A thread of Node 20 does not inherit the loader that reads TypeScript.
  const { resolve } = createRequire(import.meta.url);
  const [loader, worker] = [resolve("tsx/cjs"), resolve("./password-worker.ts")].map((file) => JSON.stringify(file));
  return new Worker(`require(${loader}); require(${worker})`, { eval: true, execArgv: [] });
}

/** Makes the hasher. Its threads start with the first password; idle threads do not keep the process alive. */
export function createPasswords(options: PasswordOptions): Passwords {
  const { cost, threads = defaultThreads, queue: longest = 100 } = options;
  // A hash without a known password, of the same cost as all others.
  const nobody = `$2b$${String(cost).padStart(2, "0")}$${"lyceumnobodyhasthishas.".padEnd(53, "u")}`;
  const queue: Job[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Job | undefined>();
  let closed = false;

  function start(): Worker {
    const worker = startWorker();
    running.set(worker, undefined);
    worker.on("message", (answer: unknown) => {
      running.get(worker)?.settle(answer);
      running.set(worker, undefined);
      worker.unref();
      idle.push(worker);
      next();
    });
    const lost = (error: Error): void => {
      if (!running.has(worker)) return;
      const job = running.get(worker);
      running.delete(worker);
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
      job?.refuse(error);
      next();
    };
    worker.on("error", lost);
    worker.on("exit", (code) => lost(new Error(`A password thread ended with code ${code}`)));
    return worker;
  }

  function next(): void {
    if (closed || queue.length === 0) return;
    const worker = idle.pop() ?? (running.size < threads ? start() : undefined);
    if (!worker) return;
    const job = queue.shift()!;
    running.set(worker, job);
    // Keeps the process alive until the answer comes: a command would end before it.
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(job.task);
  }

  function run<Answer>(task: PasswordTask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 }));
      if (queue.length >= longest)
        return reject(
          new ApiError("OVERLOADED", "Too many people are logging in at this moment", { retryAfterSeconds: 5 }),
        );
      queue.push({ task, settle: resolve as Job["settle"], refuse: reject });
      next();
    });
  }

  return {
    async hash(password) {
      if (truncates(password)) throw new RangeError("A password of more than 72 bytes would be cut by bcrypt");
      return run<string>({ kind: "hash", password, cost });
    },
    async matches(password, hash) {
      const comparable = hash !== undefined && !truncates(password);
      const equal = await run<boolean>({ kind: "compare", password, hash: comparable ? hash : nobody });
      return comparable && equal;
    },
    async close() {
      closed = true;
      const stopping = new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 });
      for (const job of [...queue.splice(0), ...running.values()]) job?.refuse(stopping);
      const workers = [...running.keys()];
      running.clear();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
