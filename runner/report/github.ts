// The report for GitHub Actions: the report for people, folded, and an annotation for each failure.
import { randomUUID } from "node:crypto";
import type { Outcome, Reporter } from "../check.js";
import { countsOf, nameOf, printable } from "./printable.js";
import { specReporter } from "./spec.js";

/** Writes the log of a GitHub Actions step. */
export function githubReporter(write: (text: string) => void): Reporter {
  const spec = specReporter(write, { isTerminal: false, noColor: true, columns: 0 });
  // A line of a log that looks like a command is executed, and a server may have written it. Commands are stopped until
  // this word, which no server can guess.
  const word = randomUUID();
  const failures: Outcome[] = [];
  return {
    begin(plan) {
      write(`::group::Checks\n::stop-commands::${word}\n`);
      spec.begin(plan);
    },
    add(outcome) {
      if (outcome.status === "failed") failures.push(outcome);
      spec.add(outcome);
    },
    progress(line) {
      spec.progress(line);
    },
    end(summary) {
      spec.end(summary);
      write(`::${word}::\n::endgroup::\n`);
      for (const { check, why } of failures)
        write(`::error title=${property(nameOf(check))}::${data(printable(why))}\n`);
      write(`${countsOf(summary)}\n`);
    },
  };
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
