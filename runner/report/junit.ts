// The report for build servers: JUnit XML with one suite for each subject. It is written at the end, since a suite begins
// with its counts.
import type { Outcome, Reporter, Summary } from "../check.js";
import { obstacleOf } from "./tally.js";

/** Writes JUnit XML, in which blocked checks are skipped. Characters that XML cannot contain become U+FFFD. */
export function junitReporter(write: (text: string) => void): Reporter {
  const suites = new Map<string, Outcome[]>();
  return {
    begin() {
      // The counts come first, and are not known yet.
    },
    add(outcome) {
      const name = suitePath(outcome).join(" › ");
      const suite = suites.get(name) ?? [];
      suite.push(outcome);
      suites.set(name, suite);
    },
    progress() {
      // A build server reads the complete report.
    },
    end(summary) {
      const { passed, failed, blocked, milliseconds } = summary;
      const skipped = summary.skipped + blocked;
      const counts = { tests: passed + failed + skipped, failures: failed, errors: 0, skipped };
      write(`<?xml version="1.0" encoding="UTF-8"?>\n`);
      write(`<testsuites${attributes({ name: summary.url, ...counts, time: seconds(milliseconds) })}>\n`);
      for (const [name, outcomes] of suites) write(suite(name, outcomes, summary));
      if (summary.notes.length > 0) write(notes(summary));
      write("</testsuites>\n");
    },
  };
}

function suite(name: string, outcomes: readonly Outcome[], { url, seed }: Summary): string {
  const having = (status: Outcome["status"]): number => outcomes.filter((outcome) => outcome.status === status).length;
  const time = outcomes.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const counts = {
    tests: outcomes.length,
    failures: having("failed"),
    errors: 0,
    skipped: having("skipped") + having("blocked"),
  };
  const property = (name: string, value: string | number): string => `    <property${attributes({ name, value })}/>\n`;
  return [
    `  <testsuite${attributes({ name, ...counts, time: seconds(time) })}>\n`,
    `   <properties>\n${property("url", url)}${property("seed", seed)}   </properties>\n`,
    ...outcomes.map(testcase),
    "  </testsuite>\n",
  ].join("");
}

function testcase(outcome: Outcome): string {
  const { check, status, why, milliseconds } = outcome;
  const name = (check.path.at(-1) ?? "") + (check.codec && ` (${check.codec})`);
  const open = `   <testcase${attributes({ name, classname: suitePath(outcome).join("."), time: seconds(milliseconds) })}`;
  if (status === "passed") return `${open}/>\n`;
  const first = obstacleOf(outcome);
  const message = attributes({ message: status === "blocked" ? `blocked: ${first}` : first });
  const inside = status === "failed" ? `<failure${message}>${text(why)}</failure>` : `<skipped${message}/>`;
  return `${open}>${inside}</testcase>\n`;
}

/** Only a suite may contain a text: the notes of the run are a suite without tests. */
function notes(summary: Summary): string {
  const head = attributes({ name: "notes", tests: 0, failures: 0, errors: 0, skipped: 0, time: seconds(0) });
  return `  <testsuite${head}>\n   <system-out>${text(summary.notes.join("\n"))}</system-out>\n  </testsuite>\n`;
}

function suitePath({ check: { path } }: Outcome): readonly string[] {
  return path.length > 1 ? path.slice(0, -1) : path;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${text(String(value)).replace(/["\n\t]/g, reference)}"`)
    .join("");
}

/** A bare carriage return would be read as a line break. */
function text(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>\r]/g, reference);
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
