// What reads updates: in order, each at least once, wherever the process that did its work has ended.
import type { Database } from "../database/database.js";

/** An update as it was recorded. */
export interface StoredUpdate {
  /** Later updates of one topic have greater ids, with gaps. */
  readonly id: number;
  readonly topic: string;
  /** 1, 2, 3 ... within its topic, without a gap. */
  readonly pts: number;
  readonly kind: string;
  readonly subject_id: number;
  /** Absent for the system. */
  readonly actor_id?: number;
  readonly created_at: string;
}

export interface Consumer {
  /** Its name in the database, for ever. */
  readonly name: string;
  /** The kinds of updates that it takes; all others are passed over. */
  readonly kinds: readonly string[];
  /**
   * Takes updates, in their order. They may come again, all or some: when it was killed, when it threw, or when somebody has asked
   * for it; what was done for one must not be done twice. After an error each comes again alone, and one that still fails is
   * put off (take-updates.ts), so a later one may come before it.
   */
  take(database: Database, updates: readonly StoredUpdate[]): Promise<void>;
}
