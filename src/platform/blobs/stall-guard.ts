// Ends requests in which nothing happens for a time.

export interface StallGuard {
  /** Aborted when nothing has happened for the time, or at the end of all guards. */
  readonly signal: AbortSignal;
  /** Something has happened: the time begins again. */
  progress(): void;
  /** The time stands still: somebody else is waited for. `progress` lets it run again. */
  pause(): void;
  /** Nothing is waited for any more, and what is under way is ended. */
  end(): void;
}

export interface StallGuards {
  begin(): StallGuard;
  /** Aborts all that have not ended, and each that begins afterwards. */
  close(): void;
}

/** Guards with a time of `ms` milliseconds each. */
export function stallGuards(ms: number): StallGuards {
  const underWay = new Set<AbortController>();
  let isClosed = false;
  return {
    begin() {
      const controller = new AbortController();
      const stall = (): void => controller.abort(`nothing has happened for ${ms} ms`);
      let timer: NodeJS.Timeout | undefined;
      const pause = (): void => clearTimeout(timer);
      const progress = (): void => {
        pause();
        if (underWay.has(controller)) timer = setTimeout(stall, ms);
      };
      underWay.add(controller);
      if (isClosed) controller.abort("the store is closed");
      progress();
      return {
        signal: controller.signal,
        progress,
        pause,
        end() {
          pause();
          if (underWay.delete(controller)) controller.abort("it has ended");
        },
      };
    },
    close() {
      isClosed = true;
      for (const controller of underWay) controller.abort("the store is closed");
    },
  };
}
