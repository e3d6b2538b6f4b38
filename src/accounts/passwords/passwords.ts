// Hashes passwords and compares them with hashes, in worker threads, so that bcrypt blocks no other request. Knows no
// account.
import { availableParallelism } from "node:os";
import { getRounds, truncates } from "bcryptjs";
import { ApiError } from "../../errors.js";
import { type Asker, FairQueue } from "../../platform/fair-queue.js";
import { networkOf } from "../../platform/network-address.js";
import { RecentMap } from "../../platform/recent-map.js";
import { patientHashes } from "./patient-hashes.js";
import { PasswordThreads } from "./password-threads.js";
import { spellingOf, spellingsOf } from "./password-spelling.js";
import type { PasswordTask } from "./password-worker.js";

/** The client for whom a password is hashed. */
export interface PasswordClient extends Asker {
  /** When it is aborted before the work begins, the work is left out, and its promise rejected with the reason. */
  readonly signal: AbortSignal;
}

/**
 * Without a client the work is for this process itself. Work waits in a queue that is fair between addresses, within an address
 * between accounts whose password was right or made there of late and others, and between the accounts of each; new
 * passwords and comparisons take turns, so that no number of registrations holds up a login. What could not begin in time
 * is refused with OVERLOADED: at once when the queue is too long for it, and when its time has passed.
 */
export interface Passwords {
  /** The hash to store. Rejects with a RangeError, a bug of the caller, when the password has more than 72 bytes. */
  hash(password: string, client?: PasswordClient): Promise<string>;
  /**
   * The same for work that nobody waits for, such as an import: one after the other, on a thread of its own with the lowest priority, and
   * none begins while somebody's password waits. Rejects with the reason of the signal when that is aborted before its turn.
   */
  hashPatiently(password: string, signal: AbortSignal): Promise<string>;
  /**
   * Whether the password belongs to the hash, in any spelling of its letters. False, after the same time, when there is no hash (no account has this
   * address) and when the password is longer than bcrypt reads.
   */
  matches(password: string, hash: string | undefined, client?: PasswordClient): Promise<boolean>;
  /** The same; of a password that matches, also whether its hash should be renewed: it costs less than those of today, or is of an older spelling. */
  compare(password: string, hash: string | undefined, client?: PasswordClient): Promise<Comparison>;
  /** Ends the threads; unfinished work is rejected with SHUTTING_DOWN. */
  close(): Promise<void>;
}

export interface Comparison {
  readonly matches: boolean;
  readonly isOutdated: boolean;
}

const differs: Comparison = { matches: false, isOutdated: false };

export interface PasswordOptions {
  /** The number of rounds is 2 to this power; 12 takes about a quarter of a second. */
  readonly cost: number;
  /** One less than the number of cores, at least 1 and at most 2, when absent. */
  readonly threads?: number;
  /** How many may wait, however short the work is. 100 when absent. */
  readonly queue?: number;
  /** How long work may wait before it begins, in milliseconds. 10,000 when absent. */
  readonly waitMs?: number;
}

/** Work that waits. */
interface Job extends Asker {
  readonly task: PasswordTask;
  /** Called when it leaves the queue for a thread. */
  begin(): void;
  settle(answer: unknown): void;
  refuse(error: unknown): void;
}

/** How long an account is known at an address after a right or a new password, in milliseconds: thirty days. */
const knownMs = 30 * 24 * 3_600_000;
/** The most accounts that are known, with their addresses. */
const mostKnown = 100_000;

const ourselves = (): PasswordClient => ({ address: "", account: "", signal: new AbortController().signal });

/** Leaves one core to the event loop, where there is more than one. */
const defaultThreads = Math.max(1, Math.min(2, availableParallelism() - 1));

/** Makes the hasher. Its threads start with the first password; idle threads do not keep the process alive. */
export function createPasswords(options: PasswordOptions): Passwords {
  const { cost, threads: count = defaultThreads, queue: longest = 100, waitMs = 10_000 } = options;
  // A hash without a known password.
  const nobody = (rounds: number): string =>
    `$2b$${String(rounds).padStart(2, "0")}$${"lyceumnobodyhasthishas.".padEnd(53, "u")}`;
  const threads = new PasswordThreads(count);
  const queue = new FairQueue<Job>();
  const patient = patientHashes(cost, () => queue.size === 0);
  /** How long one task takes on average, in milliseconds; at first a guess. */
  let taskMs = 300 * 2 ** (cost - 12);
  const known = new RecentMap<string, true>(knownMs, Date.now, mostKnown);
  let closed = false;

  function startNext(): void {
    while (!closed && threads.hasFree) {
      const job = queue.takeFirst();
      if (!job) return;
      void work(job);
    }
  }

  async function work(job: Job): Promise<void> {
    const begunAt = performance.now();
    job.begin();
    await threads.run(job.task).then(job.settle, job.refuse);
    taskMs += (performance.now() - begunAt - taskMs) / 10;
    startNext();
    patient.startNext();
  }

  /** The error for work that would begin too late, with the seconds until the queue of now is empty. */
  function overloaded(): ApiError {
    const retryAfterSeconds = Math.max(1, Math.ceil((queue.size * taskMs) / count / 1000));
    return new ApiError("OVERLOADED", "Too many people are logging in at this moment", { retryAfterSeconds });
  }

  /** Refuses those who come last, beyond what the threads can begin in time. */
  function refuseLate(): void {
    const inTime = Math.floor((waitMs * count) / taskMs);
    for (const job of queue.takeBeyond(Math.min(longest, Math.max(1, inTime)))) job.refuse(overloaded());
  }

  async function run(task: PasswordTask, client: PasswordClient): Promise<unknown> {
    const { address, account, signal } = client;
    if (closed) throw shuttingDown();
    signal.throwIfAborted();
    return new Promise((settle, reject) => {
      const job: Job = {
        task,
        kind: task.kind,
        address,
        account,
        isKnown: client.isKnown || (known.get(knownKey(client)) ?? false),
        begin() {
          clearTimeout(timer);
          signal.removeEventListener("abort", leave);
        },
        settle,
        refuse(error) {
          job.begin();
          queue.delete(job);
          reject(error);
        },
      };
      const leave = (): void => job.refuse(signal.reason);
      const timer = setTimeout(() => job.refuse(overloaded()), waitMs).unref();
      signal.addEventListener("abort", leave);
      queue.add(job);
      startNext();
      refuseLate();
    });
  }

  async function compare(password: string, hash: string | undefined, client = ourselves()): Promise<Comparison> {
    const rounds = hash === undefined ? cost : getRounds(hash);
    for (const [at, spelling] of spellingsOf(password).entries()) {
      const comparable = hash !== undefined && !truncates(spelling);
      const isEqual = await run(
        { kind: "compare", password: spelling, hash: comparable ? hash : nobody(rounds) },
        client,
      );
      if (comparable && isEqual === true) {
        known.set(knownKey(client), true);
        return { matches: true, isOutdated: rounds < cost || at > 0 };
      }
      // An older hash costs less: its refusal takes as long as that of an unknown address. 2^n + 2^n + 2^(n+1) + ... is the cost of today.
      for (let more = rounds; more < cost; more += 1)
        await run({ kind: "compare", password: spelling, hash: nobody(more) }, client);
    }
    return differs;
  }

  return {
    async hash(password, client = ourselves()) {
      if (truncates(password)) throw new RangeError("A password of more than 72 bytes would be cut by bcrypt");
      const hash = (await run({ kind: "hash", password: spellingOf(password), cost }, client)) as string;
      known.set(knownKey(client), true);
      return hash;
    },
    hashPatiently: (password, signal) => patient.hash(password, signal),
    matches: async (password, hash, client) => (await compare(password, hash, client)).matches,
    compare,
    async close() {
      closed = true;
      for (const job of queue.takeBeyond(0)) job.refuse(shuttingDown());
      await Promise.all([patient.close(shuttingDown()), threads.close(shuttingDown())]);
    },
  };
}

function knownKey({ address, account }: PasswordClient): string {
  return JSON.stringify([networkOf(address), account]);
}

function shuttingDown(): ApiError {
  return new ApiError("SHUTTING_DOWN", "The server is stopping", { retryAfterSeconds: 1 });
}
