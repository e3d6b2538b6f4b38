// When each API key was last used: noted in memory, and written in the background, so that no request waits for it.

/** For how long a key is not noted again, in milliseconds. */
const restMs = 60_000;
/** How long notes are collected before they are written, in milliseconds. */
const collectMs = 1_000;

export interface LastUses {
  /** Notes that a key is used now. Costs a look into a map where it was noted within the last minute. */
  note(keyId: number): void;
  /** Writes what is noted. */
  close(): Promise<void>;
}

export interface LastUsesOptions {
  /** Writes by id the time of use. What it cannot write is written with the next notes. */
  readonly write: (uses: ReadonlyMap<number, string>) => Promise<void>;
  /** Milliseconds since 1970; Date.now when absent. */
  readonly now?: () => number;
}

/** Collects uses, and writes them once a second where there are any. Does not keep the process alive. */
export function createLastUses({ write, now = Date.now }: LastUsesOptions): LastUses {
  /** When each key was noted, the first to be noted first. */
  const noted = new Map<number, number>();
  let pending = new Map<number, string>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const uses = pending;
    if (uses.size === 0) return writing;
    pending = new Map();
    writing = writing
      .then(() => write(uses))
      .catch(() => {
        // The database is away. A later use of the same key counts more.
        pending = new Map([...uses, ...pending]);
      });
    return writing;
  }

  return {
    note(keyId) {
      const at = now();
      const before = noted.get(keyId);
      if (before !== undefined && at - before < restMs) return;
      for (const [id, since] of noted) {
        if (at - since < restMs) break;
        noted.delete(id);
      }
      noted.delete(keyId);
      noted.set(keyId, at);
      pending.set(keyId, new Date(at).toISOString());
      timer ??= setTimeout(() => void flush(), collectMs).unref();
    },
    close: flush,
  };
}
