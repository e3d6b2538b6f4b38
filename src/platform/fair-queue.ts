// A queue in which nobody can stand before everybody else: whoever has had least of late comes first. Knows no job.
import { networkOf } from "./network-address.js";

/** For whom a job is done. */
export interface Asker {
  /** The network address of the client. */
  readonly address: string;
  /** The account, or whatever else tells clients of one address apart. */
  readonly account: string;
  /** Whether the account has shown before that it is used at this address by whom it belongs to. */
  readonly isKnown?: boolean;
  /** What is done, such as "login"; jobs of different kinds take turns. */
  readonly kind?: string;
}

/** After this time what somebody has had counts half, in milliseconds. */
const HALF_LIFE = 60_000;
/** The most keys that are remembered, those that have had something last. */
const REMEMBERED = 30_000;

/** How many jobs were done for each key of late. */
class RecentCounts {
  readonly #counts = new Map<string, { readonly count: number; readonly at: number }>();

  constructor(readonly now: () => number) {}

  get(key: string): number {
    const known = this.#counts.get(key);
    return known ? known.count * 0.5 ** ((this.now() - known.at) / HALF_LIFE) : 0;
  }

  add(key: string): void {
    const count = this.get(key) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, { count, at: this.now() });
    if (this.#counts.size > REMEMBERED) this.#counts.delete(this.#counts.keys().next().value!);
  }
}

/**
 * The turn of a job is the number of jobs that its address has had, and has before it in the queue; jobs of one turn are in the order
 * of their arrival. So an address with one job waits for no other's second one. Within an address the same holds for its known and
 * its unknown accounts, and within these for each account. All that holds among the jobs of one kind; kinds take turns, so that
 * before each of its own jobs a kind waits for at most one of another.
 */
export class FairQueue<Job extends Asker> {
  /** In the order of arrival. */
  readonly #waiting = new Map<Job, Waiting<Job>>();
  readonly #had: RecentCounts;
  /** The kinds of which a job was taken, that of the last job at the end. */
  readonly #kinds = new Set<string>();

  /** `now` has the time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#had = new RecentCounts(now);
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(job: Job): void {
    const address = networkOf(job.address);
    const path = [address, job.isKnown ?? false, job.account];
    this.#waiting.set(job, { job, keys: path.map((_, index) => JSON.stringify(path.slice(0, index + 1))) });
  }

  /** Removes a job that is not to be done. */
  delete(job: Job): void {
    this.#waiting.delete(job);
  }

  /** Removes and returns the job whose turn it is, and counts it for its asker. */
  takeFirst(): Job | undefined {
    const first = this.#inOrder()[0];
    if (!first) return undefined;
    this.#waiting.delete(first.job);
    for (const key of first.keys) this.#had.add(key);
    const kind = kindOf(first);
    this.#kinds.delete(kind);
    this.#kinds.add(kind);
    return first.job;
  }

  /** Removes and returns the jobs that come last, beyond the first `count`. */
  takeBeyond(count: number): Job[] {
    if (this.size <= count) return [];
    const last = this.#inOrder().slice(count);
    for (const { job } of last) this.#waiting.delete(job);
    return last.map(({ job }) => job);
  }

  #inOrder(): Waiting<Job>[] {
    const kinds = new Map<string, Waiting<Job>[]>();
    for (const waiting of this.#waiting.values()) {
      const same = kinds.get(kindOf(waiting));
      if (same) same.push(waiting);
      else kinds.set(kindOf(waiting), [waiting]);
    }
    const taken = [...this.#kinds];
    return [...kinds]
      .sort(([a], [b]) => taken.indexOf(a) - taken.indexOf(b))
      .flatMap(([, jobs]) => this.#inTurn(jobs).map((waiting, round) => ({ waiting, round })))
      .sort((a, b) => a.round - b.round)
      .map(({ waiting }) => waiting);
  }

  /** The jobs of one kind. */
  #inTurn(jobs: Waiting<Job>[]): Waiting<Job>[] {
    let ordered = jobs;
    for (const level of [2, 1, 0]) ordered = inTurn(ordered, ({ keys }) => keys[level]!, this.#had);
    return ordered;
  }
}

function kindOf<Job extends Asker>({ job }: Waiting<Job>): string {
  return job.kind ?? "";
}

interface Waiting<Job> {
  readonly job: Job;
  /** Of the address, of the known or unknown accounts there, and of the account. */
  readonly keys: readonly string[];
}

/** The jobs by their turns among those of one key, which are counted in the given order. */
function inTurn<Job>(jobs: readonly Job[], keyOf: (job: Job) => string, had: RecentCounts): Job[] {
  const next = new Map<string, number>();
  const turns = jobs.map((job) => {
    const key = keyOf(job);
    const turn = next.get(key) ?? had.get(key);
    next.set(key, turn + 1);
    return { job, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ job }) => job);
}
