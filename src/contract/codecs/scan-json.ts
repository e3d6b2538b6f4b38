// JSON, byte by byte: tokens with their place. It depends on the grammar of RFC 8259 and on no message. One pass without a
// tree, so the cost of a body depends on its size alone.
import { isUtf8 } from "node:buffer";
import type { ApiError } from "../../errors.js";
import { malformed, type Step } from "./malformed.js";

/** The numbers of JSON. */
export const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

// With the u flag a whole pair is one character, so this finds halves alone.
const halfPair = /\p{Surrogate}/u;

// The bytes that a value can begin with.
const valueStarts: ReadonlySet<number> = new Set(Buffer.from('{["-0123456789tfn'));

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
// The key "@type" with each character escaped, in its quotes.
const longestType = '"@type"'.length * 6;

/** A cursor over one JSON body. Where the text is not JSON it throws MALFORMED_REQUEST with the byte offset. */
export class JsonScanner {
  /** Where the cursor stands in the message, kept by the reader of the message. */
  readonly path: Step[] = [];
  private at: number;
  /** The texts under "@type", by the place where their object begins; found up to a place of the body. */
  private types: Map<number, string> | undefined;
  private typesUpTo = 0;

  /** Refuses a body that is not UTF-8, and skips a byte order mark. */
  constructor(private readonly bytes: Buffer) {
    if (!isUtf8(bytes)) throw malformed([], "The body is not UTF-8");
    this.at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** The first byte of the next token, which stays; -1 at the end. */
  peek(): number {
    for (; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    }
    return -1;
  }

  /** Goes past `byte` when it is the next token. */
  takes(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  /** After a member or an element: goes past a comma, or past `close` and then answers false. */
  continues(close: number): boolean {
    if (this.takes(COMMA)) return true;
    if (this.takes(close)) return false;
    throw this.broken();
  }

  /** A key and its colon. */
  key(): string {
    if (this.peek() !== QUOTE) throw this.broken();
    const key = this.string();
    if (!this.takes(COLON)) throw this.broken();
    return key;
  }

  /** A string, whose quote is the next token. Unpaired surrogates are refused. */
  string(): string {
    const start = this.at;
    const escaped = this.passString();
    if (!escaped) return this.bytes.toString("utf8", start + 1, this.at - 1);
    const text = unescape(this.bytes.toString("utf8", start, this.at));
    if (text === undefined) throw this.broken(start);
    if (halfPair.test(text)) throw malformed(this.path, "must not hold half of a surrogate pair");
    return text;
  }

  /** A number, as the nearest double; infinite when it is beyond all doubles. */
  number(): number {
    const start = this.at;
    let digits = 0;
    for (let byte = this.bytes[start]!; byte >= 0x30 && byte <= 0x39; byte = this.bytes[++this.at]!)
      digits = digits * 10 + byte - 0x30;
    // Most numbers are a few digits. All others are left to the regular expression and to Number.
    const size = this.at - start;
    if (size > 0 && size < 16 && !isNumeric(this.bytes[this.at]) && (size === 1 || this.bytes[start] !== 0x30))
      return digits;
    while (isNumeric(this.bytes[this.at])) this.at++;
    const text = this.bytes.toString("latin1", start, this.at);
    if (!jsonNumber.test(text)) throw this.broken(start);
    return Number(text);
  }

  /** Goes past `true`, `false` or `null`. */
  literal(word: string): void {
    for (let index = 0; index < word.length; index++) {
      if (this.bytes[this.at + index] !== word.charCodeAt(index)) throw this.broken(this.at + index);
    }
    this.at += word.length;
  }

  /**
   * Goes past the rest of a list or map, to just before the bracket that closes it. Only brackets and strings are read on
   * the way: a list beyond its bound is refused whatever its elements are.
   */
  skipRest(): void {
    for (let depth = 0; ;) {
      const byte = this.peek();
      if (byte === -1) throw this.broken();
      if (byte === QUOTE) {
        this.passString();
        continue;
      }
      if (byte === 0x5b || byte === 0x7b) depth++;
      if ((byte === 0x5d || byte === 0x7d) && depth-- === 0) return;
      this.at++;
    }
  }

  /** Goes past an object without members when it is the next token. */
  takesEmptyObject(): boolean {
    const start = this.at;
    if (this.takes(0x7b) && this.takes(0x7d)) return true;
    this.at = start;
    return false;
  }

  /** The text under "@type" in the object that is the next token, wherever it is in it; the cursor stays. */
  typeOf(): string | undefined {
    this.peek();
    const start = this.at;
    if (start < this.typesUpTo) return this.types?.get(start);
    this.at++;
    const first = this.peek() === QUOTE && this.key() === "@type" && this.peek() === QUOTE ? this.string() : undefined;
    this.at = start;
    if (first !== undefined) return first;
    const types = (this.types ??= new Map<number, string>());
    this.findTypes(types);
    this.at = start;
    return types.get(start);
  }

  /** Goes past an object and finds the "@type" of each in it: in one pass, so that objects in objects cost no more. */
  private findTypes(types: Map<number, string>): void {
    const open: number[] = [];
    do {
      const byte = this.peek();
      if (byte === -1) throw this.broken();
      if (byte === QUOTE) {
        const start = this.at;
        this.passString();
        const end = this.at;
        if (!this.takes(COLON) || this.peek() !== QUOTE || end - start > longestType) continue;
        if (unescape(this.bytes.toString("utf8", start, end)) === "@type") types.set(open.at(-1)!, this.string());
        continue;
      }
      if (byte === 0x5b || byte === 0x7b) open.push(this.at);
      if (byte === 0x5d || byte === 0x7d) open.pop();
      this.at++;
    } while (open.length > 0);
    this.typesUpTo = this.at;
  }

  /** Refuses bytes behind the value of the body. */
  end(): void {
    if (this.peek() !== -1) throw this.broken();
  }

  /** The error for a value of another type; for the JSON itself, where there is no value. */
  unexpected(message: string): ApiError {
    const byte = this.peek();
    return valueStarts.has(byte) ? malformed(this.path, message) : this.broken();
  }

  private broken(at = this.at): ApiError {
    const end = at >= this.bytes.length;
    return malformed([], end ? "The body is not whole: its JSON breaks off" : `The body is not JSON at byte ${at}`);
  }

  /** Goes past a string, and answers whether it has an escape. */
  private passString(): boolean {
    let escaped = false;
    for (this.at++; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at]!;
      if (byte === QUOTE) {
        this.at++;
        return escaped;
      }
      if (byte < 0x20) throw this.broken();
      if (byte === BACKSLASH) {
        escaped = true;
        this.at++;
      }
    }
    throw this.broken();
  }
}

/** Whether a byte may be part of a number. */
function isNumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65;
}

function unescape(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
