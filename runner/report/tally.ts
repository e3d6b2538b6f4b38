// Outcomes by subject: checks end in any order, and people read by subject.
import type { Outcome } from "../check.js";

/** The checks whose paths begin alike, in the order of their first outcomes. */
export interface Group {
  readonly name: string;
  readonly groups: Map<string, Group>;
  readonly failures: Outcome[];
  passed: number;
  skipped: number;
  blocked: number;
  milliseconds: number;
}

export class Tally {
  readonly root: Group = emptyGroup("");
  /** The number of skipped checks for each reason. */
  readonly skips = new Map<string, number>();
  /** The number of blocked checks for each obstacle. */
  readonly obstacles = new Map<string, number>();
  done = 0;
  failed = 0;

  /** Adds an outcome to the group of its path without the last part; a path of one part is a group of its own. */
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
    if (outcome.status === "blocked") {
      const obstacle = obstacleOf(outcome);
      group.blocked += 1;
      this.obstacles.set(obstacle, (this.obstacles.get(obstacle) ?? 0) + 1);
    }
  }

  /** The failures of a group and of all groups below it, group by group. */
  failures(group: Group = this.root): Outcome[] {
    return [...group.failures, ...[...group.groups.values()].flatMap((below) => this.failures(below))];
  }
}

/** What blocks a check: its failure was reported in full before. */
export function obstacleOf({ why }: Outcome): string {
  return why.split("\n", 1)[0]!;
}

function emptyGroup(name: string): Group {
  return { name, groups: new Map(), failures: [], passed: 0, skipped: 0, blocked: 0, milliseconds: 0 };
}
