// Numbers for tests: counted, and random but the same in every run.

/** 1, 2, 3 ... up to `last`. */
export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Numbers from 0 to below `bound`, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** How much of what is the same each time a test repeats: `all` in `make nightly`, which sets REPEATS=all, else `some`. */
export function repeats<T>(some: T, all: T): T {
  return process.env["REPEATS"] === "all" ? all : some;
}
