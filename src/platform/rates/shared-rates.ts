// Rates counted in Postgres, for several processes that share their bounds. While it does not answer, each process counts by itself.
import { batchSweep } from "../sweep/batch-sweep.js";
import type { Database } from "../database/database.js";
import { statement } from "../database/statement.js";
import { type Bound, type RateStore, shareMs, type Taken, takenOf } from "./rate.js";

interface TakenRow {
  readonly is_admitted: boolean;
  readonly busy_ms: number;
}

// now() is one moment in all of the statement; what it is behind the clock, while it waits for the row, refuses nobody for longer.
const free = "greatest(c.free_at, now()) + make_interval(secs => $2::double precision)";
const isFree = `${free} <= now() + make_interval(secs => $3::double precision)`;
const take = statement<TakenRow>(
  "write",
  "take-rate",
  `insert into rate_counts as c (key, free_at, is_admitted)
   values ($1, now() + make_interval(secs => $2::double precision), true)
   on conflict (key) do update
     set free_at = case when ${isFree} then ${free} else c.free_at end,
         is_admitted = ${isFree}
   returning is_admitted, (1000 * extract(epoch from free_at - now()))::double precision as busy_ms`,
);

const deleteFree = statement<{ key: string }>(
  "pool",
  "delete-free-rates",
  `delete from rate_counts
    where key = any (array(select key from rate_counts where free_at < now() limit $1 for update skip locked))
   returning key`,
);

/** How long a request waits for its count, in milliseconds. */
const patienceMs = 250;
/** After a count that failed: the time until the next try, in milliseconds. */
const restMs = 1_000;

/** Rates in Postgres; counted in `memory` instead while that does not answer in time, is full or takes no writes. */
export class SharedRates implements RateStore {
  #isAway = false;
  #tryAt = 0;

  constructor(
    readonly database: Pick<Database, "one">,
    readonly memory: RateStore,
    readonly now: () => number = () => performance.now(),
  ) {}

  async take(bound: Bound, who: string | number): Promise<Taken> {
    // While it is away, one request a second tries.
    if (this.#isAway) {
      if (this.now() < this.#tryAt) return this.memory.take(bound, who);
      this.#tryAt = this.now() + restMs;
    }
    const taken = await inTime(this.#count(bound, who));
    this.#isAway = taken === undefined;
    if (taken) return taken;
    this.#tryAt = this.now() + restMs;
    return this.memory.take(bound, who);
  }

  async #count(bound: Bound, who: string | number): Promise<Taken> {
    const share = shareMs(bound);
    const values = [`${bound.name} ${who}`, share / 1000, bound.seconds];
    const row = await this.database.one(take, values);
    return takenOf(bound, row!.is_admitted, row!.busy_ms);
  }
}

/** Undefined when it fails, or takes longer than a request should wait. */
async function inTime(count: Promise<Taken>): Promise<Taken | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    return await Promise.race([count, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Deletes the counts of people and addresses whose bounds are wholly free. */
export const sweepRates = batchSweep(
  "free rates",
  async (queries, limit) => (await queries.many(deleteFree, [limit])).length,
);
