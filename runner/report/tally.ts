// What came of the checks, put in order: they run at the same time and end in any, and a person reads by subject.
import type { Outcome } from "../check.js";

/** The checks whose paths begin alike, in the order in which the first of each was heard. */
export interface Group {
  readonly name: string;
  readonly groups: Map<string, Group>;
  readonly failures: Outcome[];
  passed: number;
  skipped: number;
  milliseconds: number;
}

export class Tally {
  readonly root: Group = emptyGroup("");
  /** How many were skipped for each reason. */
  readonly skips = new Map<string, number>();
  done = 0;
  failed = 0;

  /** Counts an outcome in the group of its path, less the last part; a path of one part is its own group. */
  add(outcome: Outcome): void {
    const { path } = outcome.check;
    let group = this.root;
    for (const name of path.length > 1 ? path.slice(0, -1) : path) {
      const found: Group = group.groups.get(name) ?? emptyGroup(name);
      group.groups.set(name, found);
      group = found;
    }
    this.done += 1;
    group.milliseconds += outcome.milliseconds;
    if (outcome.status === "passed") group.passed += 1;
    if (outcome.status === "failed") {
      this.failed += 1;
      group.failures.push(outcome);
    }
    if (outcome.status === "skipped") {
      group.skipped += 1;
      this.skips.set(outcome.why, (this.skips.get(outcome.why) ?? 0) + 1);
    }
  }

  /** Those of a group and of all below it, subject by subject. */
  failures(group: Group = this.root): Outcome[] {
    return [...group.failures, ...[...group.groups.values()].flatMap((below) => this.failures(below))];
  }
}

function emptyGroup(name: string): Group {
  return { name, groups: new Map(), failures: [], passed: 0, skipped: 0, milliseconds: 0 };
}
