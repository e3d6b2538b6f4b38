// The reports, by name.
import type { Reporter } from "../check.js";
import { githubReporter } from "./github.js";
import { jsonReporter } from "./json.js";
import { junitReporter } from "./junit.js";
import { specReporter, type Screen } from "./spec.js";

export const reporterNames = ["spec", "junit", "json", "github"] as const;

/** The reporter of that name, which writes with `write`. Throws an Error that lists the names when it does not exist. */
export function reporterNamed(name: string, write: (text: string) => void, screen: Screen): Reporter {
  switch (name) {
    case "spec":
      return specReporter(write, screen);
    case "junit":
      return junitReporter(write);
    case "json":
      return jsonReporter(write);
    case "github":
      return githubReporter(write);
    default:
      throw new Error(`There is no report named ${name}, only ${reporterNames.join(", ")}`);
  }
}
