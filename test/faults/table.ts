// What is printed: a line for each fault, and a table by kind.
import type { Measures } from "./kinds/fault.js";
import type { Result } from "./result.js";

const headings = [
  "kind of fault",
  "times",
  "acknowledged",
  "lost",
  "doubled",
  "wrong",
  "refused",
  "slowest",
  "others",
  "no answer",
  "first success",
  "measured",
] as const;

/** One line for people about one fault, with the promises that it broke. */
export function line(result: Result): string {
  const { kind, skipped, acknowledged, refused, slowestMs, firstSuccessMs, measures, broken } = result;
  if (skipped !== undefined) return `${kind}: skipped, ${skipped}`;
  const facts = [
    `${acknowledged} acknowledged`,
    `${refused} refused${refused > 0 ? ` within ${seconds(slowestMs)}` : ""}`,
    `first success after ${seconds(firstSuccessMs)}`,
    ...sentences(measures),
  ];
  return `${broken.length === 0 ? "✔" : "✘"} ${kind}: ${facts.join(", ")}${broken.map((each) => `\n    BROKEN ${each}`).join("")}`;
}

/** The table of all faults by kind, with the worst time of each. */
export function table(results: readonly Result[]): string {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const rows = [
    ...kinds.map((kind) =>
      row(
        kind,
        results.filter((each) => each.kind === kind),
      ),
    ),
    row("all", results),
  ];
  const cells = [[...headings], ...rows];
  const widths = headings.map((_, column) => Math.max(...cells.map((each) => each[column]!.length)));
  const last = headings.length - 1;
  return cells
    .map((each) =>
      each
        .map((cell, at) => (at === 0 || at === last ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function row(kind: string, results: readonly Result[]): string[] {
  const played = results.filter(({ skipped }) => skipped === undefined);
  const sum = (of: (result: Result) => number): string => String(played.reduce((total, each) => total + of(each), 0));
  const worst = (of: (result: Result) => number): string => seconds(Math.max(0, ...played.map(of)));
  const others = new Map<number, number>();
  for (const each of played)
    for (const [status, count] of each.others) others.set(status, (others.get(status) ?? 0) + count);
  const skipped = results.find((each) => each.skipped !== undefined)?.skipped;
  const measured = kind === "all" ? [] : sentences(total(played.map(({ measures }) => measures)));
  return [
    kind,
    String(played.length),
    sum(({ acknowledged }) => acknowledged),
    sum(({ lost }) => lost),
    sum(({ doubled }) => doubled),
    sum(({ wrong }) => wrong),
    sum(({ refused }) => refused),
    worst(({ slowestMs }) => slowestMs),
    others.size === 0 ? "0" : [...others].map(([status, count]) => `${count} x ${status}`).join(" "),
    sum(({ cut }) => cut),
    worst(({ firstSuccessMs }) => firstSuccessMs),
    [...measured, ...(skipped === undefined || kind === "all" ? [] : [`skipped: ${skipped}`])].join(", "),
  ];
}

/** The sums of all measures, and the largest ratio. */
function total(all: readonly Measures[]): Measures {
  const result: Record<string, number> = {};
  for (const measures of all)
    for (const [name, value] of Object.entries(measures) as [string, number][])
      result[name] = name.endsWith("Ratio") ? Math.max(result[name] ?? 0, value) : (result[name] ?? 0) + value;
  return result;
}

function sentences(measures: Measures): string[] {
  const { loginsTried, loginsThrough, endedAsked, endedServed, memoryRatio, deadlocks } = measures;
  const { stopsAsked, stopsFailed, othersAsked, othersRefused } = measures;
  return [
    ...(loginsTried === undefined ? [] : [`${loginsThrough} of ${loginsTried} honest logins came through`]),
    ...(endedAsked === undefined ? [] : [`ended session served ${endedServed} of ${endedAsked} times after 1 s`]),
    ...(stopsAsked === undefined ? [] : [`${stopsFailed} of ${stopsAsked} requests failed at a stop`]),
    ...(othersAsked === undefined ? [] : [`${othersRefused} of ${othersAsked} requests of others refused`]),
    ...(deadlocks === undefined ? [] : [`${deadlocks} deadlocks`]),
    ...(memoryRatio === undefined ? [] : [`memory at most ${memoryRatio.toFixed(2)} times that of before`]),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
