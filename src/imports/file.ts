// The file of an import: its text, and what is wrong with it as a whole.
import { ApiError } from "../errors.js";
import { decodeText } from "../platform/csv/decode-text.js";
import { type Csv, readCsv } from "../platform/csv/read-csv.js";
import { decryptBytes, encryptBytes } from "../platform/secrets/authenticated-encryption.js";
import { type Header, type HeaderFault, readHeader } from "./columns.js";

/** The most rows of a file. */
const mostRows = 10_000;
/** The largest file, in bytes: as much as the body of ImportUsers has. */
export const mostBytes = 4 * 1024 * 1024;

/** A file that was read. */
export interface ImportFile extends Header, Csv {}

/** The field of a request that has the file, or names it: the violations of INVALID_CSV are about it. */
export type FileField = "file" | "file_id";

/** Reads the text of a file. Throws INVALID_CSV over its first line, and over too many rows. */
export async function readFile(text: string, field: FileField = "file"): Promise<ImportFile> {
  const { rows, fault } = await readCsv(text, mostRows + 1);
  if (fault?.rule === "csv.lines") throw invalidFile(field, "The file has too many lines", fault.rule);
  const [first, ...others] = rows;
  if (!first) throw invalidFile(field, fault ? `Line ${fault.line} cannot be read` : "The file is empty", fault?.rule);
  const header = readHeader(first.cells);
  if (header.faults.length > 0)
    throw invalidCsv(field, "The first line does not name the columns of an import", header.faults);
  if (fault?.rule === "csv.rows") throw invalidFile(field, `The file has more than ${mostRows} rows`, fault.rule);
  return { ...header, rows: others, fault };
}

/** The text of the bytes that were uploaded. Throws INVALID_CSV when they are no text. */
export function textOfFile(bytes: Uint8Array, field: FileField): string {
  const text = decodeText(bytes);
  if (text === undefined) throw invalidFile(field, "The file begins as UTF-8 or UTF-16, and is not", "csv.encoding");
  return text;
}

/** The number of rows of a file; one that cannot be read counts. */
export function rowsOf({ rows, fault }: ImportFile): number {
  return rows.length + (fault ? 1 : 0);
}

/** The text as the database keeps it: it may have passwords. */
export function encryptText(key: Uint8Array, text: string): Buffer {
  return encryptBytes(key, Buffer.from(text));
}

/** The text again; undefined when it was encrypted with another key. */
export function decryptText(key: Uint8Array, encrypted: Buffer): string | undefined {
  return decryptBytes(key, encrypted)?.toString("utf8");
}

/** INVALID_CSV over the file as a whole. */
export function invalidFile(field: FileField, detail: string, rule = "csv.empty"): ApiError {
  return invalidCsv(field, detail, [{ rule, message: detail }]);
}

function invalidCsv(field: FileField, detail: string, faults: readonly HeaderFault[]): ApiError {
  const violations = faults.map((fault) => ({ field, pointer: `/${field}`, ...fault }));
  return new ApiError("INVALID_CSV", detail, { violations });
}
