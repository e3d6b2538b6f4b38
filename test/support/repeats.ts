// How often a test repeats what is the same each time: less in `make test` than in `make nightly`, which sets REPEATS=all.

/** `all` at night, else `some`. */
export function repeats<T>(some: T, all: T): T {
  return process.env["REPEATS"] === "all" ? all : some;
}
