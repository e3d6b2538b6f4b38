// Values of a wrong type: JSON that no JSON codec may take for a field, and texts that no query or path may. Nothing here
// is what some reader of ProtoJSON could rightly take: 1.0, 1e2 and "5" are integers, and null is a field that is absent.
import type { DescField } from "@bufbuild/protobuf";
import { keySlotOf, slotOf, type Slot } from "./field-type.js";

/** A JSON value that cannot be a field's. */
export interface Mistyped {
  /** For people. */
  readonly name: string;
  readonly json: unknown;
  /** Where the fault is, as a Problem names it, from the message that the field is in; absent where names differ. */
  readonly field: string | undefined;
}

/** A text that cannot be a field's. */
export interface MistypedText {
  readonly name: string;
  readonly text: string;
}

/** JSON values that must be refused as malformed when they are given for a field. */
export function mistyped(field: DescField): Mistyped[] {
  const slot = slotOf(field);
  if (field.fieldKind === "list") return mistypedList(field.name, slot);
  if (field.fieldKind === "map") return mistypedMap(field.name, keySlotOf(field), slot);
  return wrong(slot).map((json) => named(json, whatOf(slot), field.name));
}

/** Texts that must be refused as malformed when a path or a query gives them for a field. None of a message or of a map. */
export function mistypedQuery(field: DescField): MistypedText[] {
  if (field.fieldKind === "map") return [];
  const slot = slotOf(field);
  const what = whatOf(slot);
  return wrongTexts(slot).map((text) => ({ name: `${JSON.stringify(text)} for ${what}`, text }));
}

function mistypedList(name: string, slot: Slot): Mistyped[] {
  const instead = [{}, true, 1, "x", good(slot)].map((json) => named(json, "a list", name));
  const each = `a list of which each is ${whatOf(slot)}`;
  const items = [...wrong(slot), null].map((item) => named([item], each, `${name}[0]`));
  const second = named([good(slot), ...wrong(slot).slice(0, 1)], each, `${name}[1]`);
  return apart([...instead, ...items, second]);
}

function mistypedMap(name: string, keySlot: Slot, slot: Slot): Mistyped[] {
  const instead = [[], true, 1, "x", [{}]].map((json) => named(json, "an object of pairs", name));
  const key = goodKey(keySlot);
  // Some put a number between the brackets as it is, some in quotes.
  const at = keySlot.kind === "text" ? `${name}[${JSON.stringify(key)}]` : undefined;
  const values = [...wrong(slot), null].map((value) =>
    named({ [key]: value }, `pairs of which each is ${whatOf(slot)}`, at),
  );
  const keys = [...wrongTexts(keySlot), ...(keySlot.kind === "text" ? [halfPair] : [])].map((text) =>
    named({ [text]: good(slot) }, `pairs of which each key is ${whatOf(keySlot)}`, name),
  );
  return apart([...instead, ...values, ...keys]);
}

function named(json: unknown, what: string, field: string | undefined): Mistyped {
  return { name: `${JSON.stringify(json)} for ${what}`, json, field };
}

function apart(found: readonly Mistyped[]): Mistyped[] {
  return found.filter(({ name }, at) => found.findIndex((other) => other.name === name) === at);
}

// JSON can write it, and no text in UTF-8 can hold it.
const halfPair = "\ud800";
const noName = "NO_SUCH_NAME";

const noMoments = [
  "",
  "yesterday",
  "2026-01-01",
  "2026-01-01T00:00:00",
  "2026-01-01 00:00:00Z",
  "2026-01-01t00:00:00z",
  "2026-01-01T00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T00:60:00Z",
  "2026-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-01-01T00:00:00.Z",
  "2026-01-01T00:00:00.1234567890Z",
  "2026-01-01T00:00:00+0300",
  "2026-01-01T00:00:00+24:00",
  "0000-12-31T23:59:59Z",
  "0001-01-01T00:00:00+01:00",
  "9999-12-31T23:59:59-01:00",
  "10000-01-01T00:00:00Z",
  "-001-01-01T00:00:00Z",
];

/** JSON values that are none of a slot's. */
function wrong(slot: Slot): unknown[] {
  switch (slot.kind) {
    case "text":
      return [true, 0, 1, 1.5, [], ["a"], {}, halfPair];
    case "bool":
      return ["true", "false", "", 0, 1, [], [true], {}];
    case "integer": {
      const beyond = [slot.max + 1, slot.min - 1];
      const texts = ["", "abc", "1.5", "1e99", " 1", "1 ", "+1", "01", "0x1", "true", "NaN", "Infinity"];
      return [true, 1.5, 1e99, ...beyond, ...beyond.map(String), ...texts, [], [1], {}];
    }
    case "float": {
      const beyond = slot.isSingle ? [1e39, "1e39"] : [];
      return [true, "", "abc", " 1", "1,5", "0x1", "nan", "1e999", ...beyond, [], [1], {}];
    }
    case "enum":
      return [true, 1.5, 2 ** 31, -(2 ** 31) - 1, "", "true", noName, ...otherCase(slot), [], {}];
    case "moment":
      return [true, 0, 1767225600, ...noMoments, [], {}, { seconds: 1 }];
    case "message":
      return [true, 1, "", "x", [], [{}]];
    case "bytes":
      return [true, 1, "!", [], {}];
  }
}

/** Texts that are none of a slot's, in a query, a path or the key of a map. */
function wrongTexts(slot: Slot): string[] {
  switch (slot.kind) {
    case "bool":
      return ["", "0", "1", "yes", "True", "TRUE", " true", "true "];
    case "integer": {
      const beyond = [slot.max + 1, slot.min - 1].map(String);
      return ["", "abc", "true", "1.5", "1,2", "1e99", " 1", "1 ", "+1", "--1", "0x1", "NaN", "\u0661", ...beyond];
    }
    case "float":
      return ["", "abc", "true", " 1", "1,5", "0x1"];
    case "enum":
      return ["", "true", "1.5", String(2 ** 31), noName, ...otherCase(slot)];
    case "moment":
      // Where nobody wrote a plus as %2B, a query has a blank in its place.
      return [...noMoments, "1767225600", "2026-01-01T00:00:00 03:00"];
    default:
      return [];
  }
}

/** The names of an enum in the other case, as far as they are not names too. */
function otherCase({ of }: Slot & { kind: "enum" }): string[] {
  const names = of.values.map(({ name }) => name);
  return names
    .slice(0, 1)
    .map((name) => name.toLowerCase())
    .filter((name) => !names.includes(name));
}

function good(slot: Slot): unknown {
  switch (slot.kind) {
    case "text":
      return "a";
    case "bool":
      return true;
    case "integer":
    case "float":
      return 1;
    case "enum":
      return slot.of.values[0]!.name;
    case "moment":
      return "2026-01-01T00:00:00Z";
    case "message":
      return {};
    case "bytes":
      return "";
  }
}

function goodKey(slot: Slot): string {
  return slot.kind === "integer" ? "1" : slot.kind === "bool" ? "true" : "a";
}

function whatOf(slot: Slot): string {
  const words = { text: "a text", bool: "a bool", integer: "an integer", float: "a number", enum: "an enum" } as const;
  const others = { moment: "a moment", message: "a message", bytes: "bytes" } as const;
  return { ...words, ...others }[slot.kind];
}
