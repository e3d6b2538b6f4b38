// The record of tries that were refused, such as logins. No act is done and nobody waits for it, so that a flood of tries is no
// flood of writes: what is alike is counted, and written once.
import type { Logger } from "pino";
import { networkOf } from "../network-address.js";
import type { Database } from "../database/database.js";
import { type AuditEvent, type AuditedCall, rowOf } from "./audit.js";
import { type AuditRow, insertAudits } from "./audit-store.js";

/** What was tried. */
export type RefusedTry = Pick<AuditEvent, "action" | "target">;

export interface RefusedTries {
  /**
   * Records a failure, within a second. Further ones of the same action, target and network are counted, and written as one row
   * with their number when ten minutes have passed. Of more than a thousand different ones in that time the others are counted
   * together, without target and address. A process that is killed loses what it had not written.
   */
  record(call: AuditedCall, attempt: RefusedTry): void;
  /** Writes everything that is counted. */
  close(): Promise<void>;
}

export interface RefusedTriesOptions {
  readonly database: Database;
  readonly log: Logger;
  /** How long further tries are counted, in milliseconds; ten minutes when absent. */
  readonly windowMs?: number;
  /** The most different tries of a window; 1,000 when absent. */
  readonly capacity?: number;
  /** Milliseconds between writes; 1,000 when absent. */
  readonly everyMs?: number;
}

interface Counted {
  row: AuditRow;
  /** Not written yet. */
  count: number;
  /** When a row was written last, by performance.now(). */
  writtenAt: number | undefined;
}

/** Makes a recorder that writes at most one statement at a time. It does not keep the process alive. */
export function recordRefusedTries(options: RefusedTriesOptions): RefusedTries {
  const { database, log, windowMs = 600_000, capacity = 1_000, everyMs = 1_000 } = options;
  const counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  async function write(isLast: boolean): Promise<void> {
    const now = performance.now();
    const isDue = ({ writtenAt }: Counted): boolean => isLast || writtenAt === undefined || now - writtenAt >= windowMs;
    for (const [key, each] of counted) if (each.count === 0 && isDue(each)) counted.delete(key);
    const due = [...counted.values()].filter((each) => each.count > 0 && isDue(each));
    const rows = due.map(({ row, count }) => ({ row, count }));
    if (rows.length === 0) return;
    try {
      await insertAudits(database, rows);
      due.forEach((each, at) => {
        each.count -= rows[at]!.count;
        each.writtenAt = now;
      });
    } catch (error) {
      log.warn({ err: error, rows: rows.length }, "refused tries could not be recorded; this is repeated");
    }
  }

  function flush(isLast = false): Promise<void> {
    return (writing = writing.then(() => write(isLast)));
  }

  function schedule(): void {
    timer ??= setTimeout(() => void tick(), everyMs).unref();
  }

  async function tick(): Promise<void> {
    await flush();
    timer = undefined;
    if (counted.size > 0) schedule();
  }

  return {
    record(call, { action, target }) {
      const row = rowOf(call, { action, outcome: "failure", ...(target && { target }) });
      const own = JSON.stringify([action, target, networkOf(row.address)]);
      const isTooMany = !counted.has(own) && counted.size >= capacity;
      const key = isTooMany ? action : own;
      const known = counted.get(key);
      if (known) known.count += 1;
      else
        counted.set(key, {
          row: isTooMany ? { ...row, target_type: "", target_id: "", address: "", request_id: "" } : row,
          count: 1,
          writtenAt: undefined,
        });
      schedule();
    },
    async close() {
      clearTimeout(timer);
      await flush(true);
    },
  };
}
