// Reads CSV (RFC 4180, with any of three delimiters) in slices, so that other requests have their turns in between. Knows no column.
import { setImmediate as nextTurn } from "node:timers/promises";
import { parse } from "csv-parse";

export interface CsvRow {
  /** The line of the file in which the row begins; the first is 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What keeps a file from being read to its end. */
export interface CsvFault {
  /** The line in which the row begins that cannot be read. */
  readonly line: number;
  readonly rule: "csv.quote" | "csv.row_size" | "csv.rows" | "csv.lines";
}

export interface Csv {
  /** Without empty lines. */
  readonly rows: readonly CsvRow[];
  /** Nothing behind it is read: after a wrong quote, nobody knows where a row begins. */
  readonly fault: CsvFault | undefined;
}

/** The longest row, in bytes of UTF-8. */
const mostRowBytes = 64 * 1024;
/** The most lines for each row that may be read: empty ones cost as much as others. */
const linesOfRow = 10;
/** What is read in one turn of the event loop, in UTF-16 units: about a dozen rows. */
const sliceLength = 1024;

/** The delimiter of a file: that of which its first line has most. */
export function delimiterOf(text: string): string {
  const [first = ""] = text.split(/[\r\n]/, 1);
  const count = (delimiter: string): number => first.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * Reads at most `mostRows` rows; another one is the fault csv.rows. Of a text with more than ten times as many lines nothing is read: the
 * fault csv.lines. Line breaks of any system are one kind.
 */
export async function readCsv(text: string, mostRows: number): Promise<Csv> {
  const mostLines = mostRows * linesOfRow;
  if (hasMoreLines(text, mostLines)) return { rows: [], fault: { line: mostLines + 1, rule: "csv.lines" } };
  const { whole, longLine } = beforeLongLine(text.replaceAll(/\r\n?/g, "\n"));
  const rows: CsvRow[] = [];
  let fault: CsvFault | undefined;
  let lines = 0;
  const parser = parse({
    delimiter: delimiterOf(text),
    record_delimiter: "\n",
    relax_column_count: true,
    max_record_size: mostRowBytes,
    // Nothing is left for the stream, which would cost more than the rest.
    on_record(cells: string[], context: { lines: number }) {
      const line = lines + 1;
      lines = context.lines;
      const isEmpty = cells.every((cell) => cell.trim() === "");
      if (!isEmpty && rows.length < mostRows) rows.push({ line, cells });
      else if (!isEmpty) fault ??= { line, rule: "csv.rows" };
      return null;
    },
  });
  parser.resume();
  const ended = new Promise<void>((resolve) => {
    parser.on("end", resolve);
    parser.on("error", ({ code }: Error & { code?: string }) => {
      fault ??= { line: lines + 1, rule: code === "CSV_MAX_RECORD_SIZE" ? "csv.row_size" : "csv.quote" };
      resolve();
    });
  });
  for (const slice of slicesOf(whole)) {
    parser.write(slice);
    await nextTurn();
    if (fault) break;
  }
  if (fault) parser.destroy();
  else parser.end();
  if (!fault) await ended;
  if (longLine !== undefined) fault ??= { line: longLine, rule: "csv.row_size" };
  return { rows, fault };
}

function hasMoreLines(text: string, most: number): boolean {
  let lines = 1;
  for (const _ of text.matchAll(/\r\n?|\n/g)) if (++lines > most) return true;
  return false;
}

/** The text before its first line that is longer than any row, and the number of that: the parser does not count delimiters. */
function beforeLongLine(text: string): { readonly whole: string; readonly longLine: number | undefined } {
  let line = 1;
  for (let start = 0; start < text.length; line += 1) {
    const end = text.indexOf("\n", start);
    const next = end < 0 ? text.length : end + 1;
    if (next - start > mostRowBytes) return { whole: text.slice(0, start), longLine: line };
    start = next;
  }
  return { whole: text, longLine: undefined };
}

function* slicesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = start + sliceLength;
    // Both halves of a pair stay together.
    if (/[\ud800-\udbff]/.test(text[end - 1] ?? "")) end += 1;
    yield text.slice(start, end);
    start = end;
  }
}
