// Makes texts of a server safe for a terminal, and formats what all reports share.
import type { Outcome, Summary } from "../check.js";

// Characters that move the cursor, change colors or turn the writing direction; tabs and line breaks are kept.
const control = /[\0-\x08\v-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** A text of several lines with its control characters escaped. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll("\r\n", "\n").replace(control, escaped);
}

/** The same in one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  const known: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return known[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The full name of a check: "shelves › getShelf › answers (json)". */
export function nameOf({ path, codec }: Outcome["check"]): string {
  return oneLine(path.join(" › ") + (codec && ` (${codec})`));
}

/** "850 ms", "12.3 s", "4 min 5 s" */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The last line of a report: "2 passed, 0 failed", with the numbers of blocked and of skipped checks if there are any. */
export function countsOf(summary: Pick<Summary, "passed" | "failed" | "skipped" | "blocked">): string {
  const { passed, failed, skipped, blocked } = summary;
  const rest = [blocked > 0 && `${blocked} blocked`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
  return [`${passed} passed`, `${failed} failed`, ...rest].join(", ");
}
