// The messages from Postgres: whole messages out of chunks that end anywhere, and the contents of those few that are not left
// to pg (PostgreSQL documentation, 54.7 Message Formats).
import pg from "pg";
import { NotPostgres } from "./connection.js";
import type { Column } from "./row-reader.js";

/** Receives one message: its type, and where its contents begin and end in the bytes. */
export type MessageHandler = (type: number, bytes: Buffer, at: number, end: number) => void;

const HEADER = 5;
/** Postgres sends no larger message. The first text of another kind of server, read as a length, is mostly larger. */
const LARGEST = 1_073_741_824;

/** Cuts a stream into messages. `push` throws NotPostgres when a message cannot be one of Postgres. */
export class MessageStream {
  readonly #handle: MessageHandler;
  #parts: Buffer[] = [];
  #buffered = 0;
  /** How many bytes the next message has, as far as known. */
  #required = HEADER;

  constructor(handle: MessageHandler) {
    this.#handle = handle;
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#buffered > 0) {
      this.#parts.push(chunk);
      this.#buffered += chunk.length;
      // The many chunks of a large row are joined once, when it is whole.
      if (this.#buffered < this.#required) return;
      bytes = Buffer.concat(this.#parts, this.#buffered);
      this.#parts = [];
      this.#buffered = 0;
    }
    let at = 0;
    this.#required = HEADER;
    while (at + HEADER <= bytes.length) {
      const size = bytes.readUInt32BE(at + 1);
      if (size < 4 || size > LARGEST) throw new NotPostgres("these bytes are not a message of Postgres");
      const end = at + 1 + size;
      if (end > bytes.length) {
        this.#required = 1 + size;
        break;
      }
      this.#handle(bytes[at]!, bytes, at + HEADER, end);
      at = end;
    }
    if (at < bytes.length) {
      this.#parts.push(bytes.subarray(at));
      this.#buffered = bytes.length - at;
    }
  }
}

/** The columns of a RowDescription. */
export function describedColumns(bytes: Buffer, at: number): Column[] {
  const columns: Column[] = [];
  const count = bytes.readInt16BE(at);
  let place = at + 2;
  for (let index = 0; index < count; index += 1) {
    const end = bytes.indexOf(0, place);
    columns.push({ name: bytes.toString("utf8", place, end), type: bytes.readUInt32BE(end + 7) });
    place = end + 19;
  }
  return columns;
}

/** The types of the parameters of a ParameterDescription. */
export function describedParameters(bytes: Buffer, at: number): number[] {
  return Array.from({ length: bytes.readUInt16BE(at) }, (_, index) => bytes.readUInt32BE(at + 2 + 4 * index));
}

const FIELDS: Readonly<Record<string, keyof pg.DatabaseError>> = {
  S: "severity",
  C: "code",
  M: "message",
  D: "detail",
  H: "hint",
  P: "position",
  W: "where",
  s: "schema",
  t: "table",
  c: "column",
  n: "constraint",
  R: "routine",
};

/** The error of an ErrorResponse, with the properties that pg gives it. */
export function describedError(bytes: Buffer, at: number, end: number): pg.DatabaseError {
  const error = new pg.DatabaseError("", end - at, "error");
  let place = at;
  while (place < end && bytes[place] !== 0) {
    const stop = bytes.indexOf(0, place + 1);
    const field = FIELDS[String.fromCharCode(bytes[place]!)];
    if (field) Object.assign(error, { [field]: bytes.toString("utf8", place + 1, stop) });
    place = stop + 1;
  }
  return error;
}
