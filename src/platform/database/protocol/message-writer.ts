// The messages to Postgres as bytes: the few of the simple and the extended query protocol that named statements and
// commands need (PostgreSQL documentation, 54.7 Message Formats). It knows no socket.
import { parameterText } from "./parameter-text.js";
import { resultFormat, type Column } from "./row-reader.js";

/** The part of a prepared statement that is the same in each execution. */
export interface Prepared {
  readonly text: string;
  /** The types of the parameters, by their numbers in pg_type. */
  readonly parameters: readonly number[];
  /** The names of portal and statement, with which a Bind message begins. */
  readonly names: Buffer;
  /** The format codes of the columns, with which a Bind message ends. */
  readonly formats: Buffer;
}

const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4]);

/** The constant part of a statement with these parameters and columns. */
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

/** Collects messages until they are taken, to be sent in one write. */
export class MessageWriter {
  #bytes = Buffer.allocUnsafe(16_384);
  #at = 0;

  /** Query: SQL without parameters, or several commands with semicolons between them. */
  query(sql: string): void {
    const start = this.#open(0x51);
    this.#cstring(sql);
    this.#close(start);
  }

  /** Close, Parse, Describe, Sync: prepares a statement, in place of an earlier one of its name, and requests its description. */
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
   * Bind, Execute, Sync: executes a prepared statement. Throws, and adds nothing, when the number of values is wrong or one of
   * them cannot be written.
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

  /** All messages since the last call, in a buffer that is not written to again. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    // The memory of one large message is given back.
    if (this.#bytes.length > 1_048_576) this.#bytes = Buffer.allocUnsafe(16_384);
    return taken;
  }

  #bind({ text, parameters, names, formats }: Prepared, values: readonly unknown[]): void {
    if (values.length !== parameters.length) {
      throw new Error(`${parameters.length} values are required, ${values.length} were given: ${text}`);
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
      const text = parameterText(value, type);
      const start = this.#at;
      this.#int4(0);
      this.#text(text);
      this.#bytes.writeInt32BE(this.#at - start - 4, start);
    }
  }

  /** Begins a message and returns its place, where #close writes the length. */
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
