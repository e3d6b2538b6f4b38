// Work that outlives the request that has caused it.
import type { Logger } from "pino";

export interface Background {
  /** Starts work; what it throws is logged. Work beyond the bound is left out, and a line of the log says so. */
  run(log: Logger, what: string, work: () => Promise<void>): void;
  /** Resolves when all work has ended. */
  close(): Promise<void>;
}

/** Makes a place for background work, of which no more than `most` is under way. */
export function createBackground(most = 1_000): Background {
  const underWay = new Set<Promise<void>>();
  return {
    run(log, what, work) {
      if (underWay.size >= most) {
        log.error({ what }, "work in the background is left out: too much is under way");
        return;
      }
      const running = work()
        .catch((error: unknown) => log.error({ err: error, what }, "work in the background failed"))
        .finally(() => underWay.delete(running));
      underWay.add(running);
    },
    async close() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
