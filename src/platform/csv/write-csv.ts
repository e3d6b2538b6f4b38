// Writes CSV (RFC 4180), and keeps a spreadsheet from taking a text of somebody for a formula.

/** What a spreadsheet begins a formula with, behind any apostrophes that keep it from that. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/u;

/** What a file begins with: a spreadsheet takes its text for UTF-8 by it. */
export const byteOrderMark = "\ufeff";

/** A text that no spreadsheet evaluates: before what it would, there is an apostrophe. `withoutApostrophe` has the text again. */
export function defused(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** The text that `defused` was given. */
export function withoutApostrophe(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}

/** One line, with its line break. Cells are defused. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(defused(cell))).join(",")}\r\n`;
}

function quoted(cell: string): string {
  return /[",;\t\r\n']|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
