// The report for people. During the run: the progress, and each failure in a line. At the end, since checks end in any
// order: a line for each subject, then every failure in full.
import type { Outcome, Plan, Reporter, Summary } from "../check.js";
import { countsOf, duration, nameOf, oneLine, printable } from "./printable.js";
import { Tally, type Group } from "./tally.js";

/** The screen or file that a report is written to. */
export interface Screen {
  /** Whether a line can be overwritten. */
  readonly isTerminal: boolean;
  /** The value of NO_COLOR; colors are also off where the screen is not a terminal. */
  readonly noColor: boolean;
  /** The width; 0 when unknown. */
  readonly columns: number;
}

const tickMs = { terminal: 100, elsewhere: 5000 } as const;
const colors = { red: 31, green: 32, yellow: 33, grey: 90 } as const;

/** Writes for people. `clock` is in milliseconds. */
export function specReporter(
  write: (text: string) => void,
  screen: Screen,
  clock: () => number = () => performance.now(),
): Reporter {
  const paint = (color: keyof typeof colors, text: string): string =>
    screen.isTerminal && !screen.noColor ? `\u001b[${colors[color]}m${text}\u001b[0m` : text;
  const tally = new Tally();
  let plan: Plan | undefined;
  let begun = 0;
  let lastTick = 0;

  /** Removes the line of progress; the next tick writes it again. */
  const clear = (): void => {
    if (!screen.isTerminal) return;
    write("\r\u001b[K");
    lastTick = -Infinity;
  };
  const line = (text = ""): void => write(`${text}\n`);

  function tick(doing: string): void {
    const now = clock();
    if (now - lastTick < (screen.isTerminal ? tickMs.terminal : tickMs.elsewhere)) return;
    lastTick = now;
    const parts = [`${tally.done}/${plan?.checks ?? "?"}`, `${tally.failed} failed`, duration(now - begun), doing];
    const text = parts.filter(Boolean).join(", ");
    if (!screen.isTerminal) return line(text);
    write(`\r${paint("grey", [...text].slice(0, (screen.columns || 80) - 1).join(""))}\u001b[K`);
  }

  function writeGroup(group: Group, depth: number): void {
    const { passed, skipped, blocked, failures } = group;
    const indent = "  ".repeat(depth);
    if (passed + skipped + blocked + failures.length === 0) line(`${indent}${oneLine(group.name)}`);
    else {
      const [mark, color] =
        failures.length + blocked > 0
          ? (["✖", "red"] as const)
          : passed > 0
            ? (["✔", "green"] as const)
            : (["-", "yellow"] as const);
      const counts = [
        passed > 0 && (failures.length + skipped + blocked > 0 ? `${passed} passed` : String(passed)),
        failures.length > 0 && paint("red", `${failures.length} failed`),
        blocked > 0 && paint("red", `${blocked} blocked`),
        skipped > 0 && paint("yellow", `${skipped} skipped`),
      ].filter(Boolean);
      const time = paint("grey", `(${duration(group.milliseconds)})`);
      line(`${indent}${paint(color, mark)} ${oneLine(group.name)}  ${counts.join(", ")} ${time}`);
    }
    for (const below of group.groups.values()) writeGroup(below, depth + 1);
  }

  function writeFailure(outcome: Outcome, number: number): void {
    line();
    line(`${number}) ${paint("red", nameOf(outcome.check))}`);
    for (const text of printable(outcome.why).split("\n")) line(`   ${text}`);
  }

  return {
    begin(planned) {
      plan = planned;
      begun = lastTick = clock();
      line(`${planned.checks} checks of ${oneLine(planned.url)}`);
    },
    add(outcome) {
      tally.add(outcome);
      if (outcome.status === "failed") {
        clear();
        line(`${paint("red", "✖")} ${nameOf(outcome.check)}`);
      }
      tick("");
    },
    progress(doing) {
      tick(oneLine(doing));
    },
    end(summary: Summary) {
      clear();
      line();
      for (const group of tally.root.groups.values()) writeGroup(group, 0);
      for (const [at, outcome] of tally.failures().entries()) writeFailure(outcome, at + 1);
      line();
      for (const [obstacle, count] of tally.obstacles)
        line(paint("red", `${count} blocked: ${oneLine(obstacle)}, see above`));
      for (const [why, count] of [...tally.skips].sort(([, a], [, b]) => b - a))
        line(paint("yellow", `${count} skipped: ${oneLine(why)}`));
      for (const note of summary.notes) line(printable(note));
      if (summary.overSocket > 0) line(paint("grey", `${summary.overSocket} calls went over a web socket`));
      line(paint("grey", `${duration(summary.milliseconds)}; --seed ${summary.seed} repeats its random choices`));
      line(countsOf(summary));
    },
  };
}
