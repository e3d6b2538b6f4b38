// Hashes of passwords for which nobody waits: one at a time, on a thread that leaves the processor to others.
import { truncates } from "bcryptjs";
import { PasswordThreads } from "./password-threads.js";
import { spellingOf } from "./password-spelling.js";

export interface PatientHashes {
  /** As Passwords.hashPatiently. */
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** To be called when what kept the next one from its turn may be over. */
  startNext(): void;
  /** Ends the thread; what is unfinished is rejected. */
  close(reason: Error): Promise<void>;
}

interface Job {
  readonly password: string;
  /** Called when it leaves the queue. */
  begin(): void;
  settle(hash: string): void;
  refuse(error: unknown): void;
}

/** Makes the hasher. None begins while `mayBegin` returns false. Its thread starts with the first password. */
export function patientHashes(cost: number, mayBegin: () => boolean): PatientHashes {
  const threads = new PasswordThreads(1, true);
  const waiting: Job[] = [];

  function startNext(): void {
    if (!threads.hasFree || !mayBegin()) return;
    const job = waiting.shift();
    if (job) void work(job);
  }

  async function work({ password, begin, settle, refuse }: Job): Promise<void> {
    begin();
    await threads.run({ kind: "hash", password, cost }).then((hash) => settle(hash as string), refuse);
    startNext();
  }

  return {
    async hash(password, signal) {
      if (truncates(password)) throw new RangeError("A password of more than 72 bytes would be cut by bcrypt");
      signal.throwIfAborted();
      return new Promise((settle, reject) => {
        const leave = (): void => {
          waiting.splice(waiting.indexOf(job), 1);
          reject(signal.reason);
        };
        const job: Job = {
          password: spellingOf(password),
          begin: () => signal.removeEventListener("abort", leave),
          settle,
          refuse(error) {
            signal.removeEventListener("abort", leave);
            reject(error);
          },
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(job);
        startNext();
      });
    },
    startNext,
    async close(reason) {
      for (const job of waiting.splice(0)) job.refuse(reason);
      await threads.close(reason);
    },
  };
}
