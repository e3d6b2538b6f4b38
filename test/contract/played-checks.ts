// Which of the derived checks `make test` plays: some of each kind and of each method; `make nightly` plays all.
import type { Check } from "../../runner/check.js";

/** Of each kind of check as many are played as if it were played for so many of all methods, however many there are; one at least. */
const methodsPlayedWhole = 6;

type Named = Pick<Check<never>, "path" | "tags" | "codec">;

/** The kind of a check of a method: its title and its serialization. The rules of all fields are one kind. Undefined for others. */
export function kindOf({ path: [group, , ...title], tags, codec }: Named): string | undefined {
  if (group !== "every method") return undefined;
  return [...tags, title.join(" / ").replace(/^(the rules of) .*/, "$1"), codec].join(" | ");
}

/** The checks that are of no method, and of each kind some, of the methods of which the fewest are played. The same ones in each run. */
export function playedChecks<Each extends Named>(checks: readonly Each[]): Each[] {
  const kinds = new Map<string, Each[]>();
  const uses = new Map<string, number>();
  const played = new Set<Each>();
  for (const check of checks) {
    const kind = kindOf(check);
    if (kind === undefined) played.add(check);
    else kinds.set(kind, [...(kinds.get(kind) ?? []), check]);
    if (kind !== undefined) uses.set(methodOf(check), 0);
  }
  // The kinds of few methods first, since those have no choice.
  for (const all of [...kinds.values()].sort((a, b) => a.length - b.length)) {
    const waiting = [...all];
    for (let left = Math.ceil((all.length * methodsPlayedWhole) / uses.size); left > 0; left--) {
      const usesOf = (check: Each): number => uses.get(methodOf(check))!;
      const fewest = Math.min(...waiting.map(usesOf));
      const among = waiting.filter((check) => usesOf(check) === fewest);
      // From the middle, so that not every kind begins with the same methods.
      const chosen = among[Math.floor(among.length / 2)]!;
      waiting.splice(waiting.indexOf(chosen), 1);
      uses.set(methodOf(chosen), fewest + 1);
      played.add(chosen);
    }
  }
  return checks.filter((check) => played.has(check));
}

function methodOf({ path }: Named): string {
  return path[1]!;
}
