// What we say to Postgres, as bytes: the few messages of the extended query protocol that named statements need
// (PostgreSQL documentation, 54.7 Message Formats). It knows nothing of sockets.
import { resultFormat, type Column } from "./row-reader.js";

/** What is the same in each execution of a prepared statement. */
export interface Prepared {
  readonly text: string;
  /** The parameters' types, by their numbers in pg_type. */
  readonly parameters: readonly number[];
  /** The names of portal and statement, as a Bind message opens. */
  readonly names: Buffer;
  /** The form of each column, as a Bind message ends. */
  readonly formats: Buffer;
}

const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4]);
const JSON_TYPES: ReadonlySet<number> = new Set([114, 3802]);

/** What never changes about a statement with these parameters and columns. */
export function prepared(
  name: string,
  text: string,
  parameters: readonly number[],
  columns: readonly Column[],
): Prepared {
  const formats = Buffer.alloc(2 + 2 * columns.length);
  formats.writeInt16BE(columns.length, 0);
  columns.forEach(({ type }, index) => formats.writeInt16BE(resultFormat(type), 2 + 2 * index));
  return { text, parameters, names: Buffer.from(`\0${name}\0`), formats };
}

/** An array as Postgres writes one down: {1,2,NULL,"a \"quoted\" text"}. */
function arrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return "NULL";
    if (Array.isArray(value)) return arrayLiteral(value);
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
    const text = Buffer.isBuffer(value) ? `\\x${value.toString("hex")}` : textOf(value);
    return `"${text.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${elements.join(",")}}`;
}

/** A value that is neither null nor bytes, as the text that Postgres reads. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Messages gathered until they are taken and sent together. */
export class MessageWriter {
  #bytes = Buffer.allocUnsafe(16_384);
  #at = 0;

  /** A query without parameters, or several with semicolons between them. */
  query(sql: string): void {
    const start = this.#open(0x51);
    this.#cstring(sql);
    this.#close(start);
  }

  /** Prepares a statement under its name, in place of an earlier one, and asks for its parameters and columns. */
  prepare(name: string, sql: string): void {
    const closing = this.#open(0x43);
    this.#cstring(`S${name}`);
    this.#close(closing);
    const parsing = this.#open(0x50);
    this.#cstring(name);
    this.#cstring(sql);
    this.#int2(0);
    this.#close(parsing);
    const describing = this.#open(0x44);
    this.#cstring(`S${name}`);
    this.#close(describing);
    this.#close(this.#open(0x53));
  }

  /**
   * Executes a prepared statement. A string given for json is JSON already; anything else for json is written as JSON.
   * Throws, and adds nothing, when the values are too many or too few or one of them cannot be written.
   */
  execute(statement: Prepared, values: readonly unknown[]): void {
    const start = this.#open(0x42);
    try {
      this.#bind(statement, values);
    } catch (error) {
      this.#at = start;
      throw error;
    }
    this.#close(start);
    this.#copy(EXECUTE_AND_SYNC);
  }

  /** All that was written since the last time, as a buffer of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    // One large message is no reason to hold its memory for ever.
    if (this.#bytes.length > 1_048_576) this.#bytes = Buffer.allocUnsafe(16_384);
    return taken;
  }

  #bind({ text, parameters, names, formats }: Prepared, values: readonly unknown[]): void {
    if (values.length !== parameters.length) {
      throw new Error(`${parameters.length} values are due, ${values.length} were given: ${text}`);
    }
    this.#copy(names);
    this.#int2(values.length);
    for (const value of values) this.#int2(Buffer.isBuffer(value) ? 1 : 0);
    this.#int2(values.length);
    for (let index = 0; index < values.length; index += 1) this.#value(values[index], parameters[index]!);
    this.#copy(formats);
  }

  #value(value: unknown, type: number): void {
    if (value === null || value === undefined) {
      this.#int4(-1);
    } else if (Buffer.isBuffer(value)) {
      this.#int4(value.length);
      this.#copy(value);
    } else {
      const text = typeof value !== "string" && JSON_TYPES.has(type) ? JSON.stringify(value) : textOf(value);
      const start = this.#at;
      this.#int4(0);
      this.#text(text);
      this.#bytes.writeInt32BE(this.#at - start - 4, start);
    }
  }

  /** Begins a message and says where; `close` writes its length there. */
  #open(code: number): number {
    const start = this.#at;
    this.#room(5);
    this.#bytes[start] = code;
    this.#at += 5;
    return start;
  }

  #close(start: number): void {
    this.#bytes.writeInt32BE(this.#at - start - 1, start + 1);
  }

  #cstring(text: string): void {
    this.#text(text);
    this.#room(1);
    this.#bytes[this.#at++] = 0;
  }

  #text(text: string): void {
    this.#room(text.length * 3);
    this.#at += this.#bytes.write(text, this.#at, "utf8");
  }

  #copy(bytes: Buffer): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #int2(value: number): void {
    this.#room(2);
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
  }

  #int4(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
