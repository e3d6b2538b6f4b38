// Single values as text says them: the strings of JSON, the parts of a path and of a query.
import { malformed, type Step } from "./malformed.js";
import { jsonNumber } from "./scan-json.js";
import type { Slot } from "../model/message-schema.js";
import { formatTimestamp, parseTimestamp, timestampWanted } from "./timestamp.js";

const decimal = /^-?(?:0|[1-9]\d*)$/;
const notFinite: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/** `value` as the slot's integer, float or enum; undefined when the slot cannot hold it. */
export function numberOf(slot: Slot, value: number): number | string | undefined {
  if (slot.kind === "float") {
    const kept = slot.type === "float" ? Math.fround(value) : value;
    return Number.isFinite(kept) ? kept : undefined;
  }
  if (slot.kind === "enum") return (value | 0) === value ? enumByNumber(slot, value) : undefined;
  // Minus zero is no integer of its own.
  return Number.isInteger(value) && value >= slot.min && value <= slot.max ? value + 0 : undefined;
}

/** The number in a string, as ProtoJSON allows it; a float may also be "NaN", "Infinity" and "-Infinity". */
export function quotedNumberOf(slot: Slot, text: string): number | string | undefined {
  if (slot.kind === "float" && notFinite.has(text)) return notFinite.get(text);
  return jsonNumber.test(text) ? numberOf(slot, Number(text)) : undefined;
}

/** The enum's value by name; undefined when there is none. The name that it is known by, when it has two. */
export function enumByName(slot: Slot, name: string): string | undefined {
  const number = slot.values!.numbers.get(name);
  return number === undefined ? undefined : slot.values!.names.get(number);
}

/** The enum's value by number: its name, or the number itself, for validation to refuse, when it is not defined. */
export function enumByNumber(slot: Slot, number: number): string | number {
  return slot.values!.names.get(number) ?? number;
}

/** What a value of the slot must be, to complete "limit ...". */
export function wanted(slot: Slot): string {
  switch (slot.kind) {
    case "string":
      return "must be a string";
    case "bool":
      return "must be true or false";
    case "integer":
      return `must be a whole number between ${slot.min} and ${slot.max}`;
    case "float":
      return "must be a number";
    case "enum":
      return `must be one of ${[...slot.values!.names.values()].join(", ")}`;
    case "timestamp":
      return timestampWanted;
    case "message":
      return "must be an object";
  }
}

/**
 * One value of a path or a query: decimal numbers, `true` and `false`, enums by name or number, RFC 3339.
 * Throws MALFORMED_REQUEST.
 */
export function valueOfText(slot: Slot, text: string, path: readonly Step[]): unknown {
  const value = readText(slot, text);
  if (value === undefined) throw malformed(path, wanted(slot));
  return value;
}

function readText(slot: Slot, text: string): unknown {
  switch (slot.kind) {
    case "string":
      return text;
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "integer":
      return decimal.test(text) ? numberOf(slot, Number(text)) : undefined;
    case "float":
      return quotedNumberOf(slot, text);
    case "enum":
      return decimal.test(text) ? numberOf(slot, Number(text)) : enumByName(slot, text);
    case "timestamp": {
      const ms = parseTimestamp(text);
      return ms === undefined ? undefined : formatTimestamp(ms);
    }
    case "message":
      return undefined;
  }
}

/** A key of a map, as it stands in the plain object. Throws MALFORMED_REQUEST. */
export function mapKeyOf(key: Slot, text: string, path: readonly Step[]): string {
  return String(valueOfText(key, text, path));
}
