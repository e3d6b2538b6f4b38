// The report for GitHub Actions: what people read, folded, and an annotation for each failure.
import { randomUUID } from "node:crypto";
import type { Outcome, Reporter } from "../check.js";
import { countsOf, nameOf, printable } from "./printable.js";
import { specReporter } from "./spec.js";

/** Writes the log of a GitHub Actions step. */
export function githubReporter(write: (text: string) => void): Reporter {
  const spec = specReporter(write, { isTerminal: false, noColor: true, columns: 0 });
  // Any line of a log that looks like a command is one, and a server may have written it. This word ends the silence, so
  // no server may guess it.
  const word = randomUUID();
  const failures: Outcome[] = [];
  return {
    begin(plan) {
      write(`::group::Checks\n::stop-commands::${word}\n`);
      spec.begin(plan);
    },
    heard(outcome) {
      if (outcome.status === "failed") failures.push(outcome);
      spec.heard(outcome);
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
