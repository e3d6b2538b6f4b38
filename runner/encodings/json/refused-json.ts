// JSON texts that must be refused: each is a whole message with one fault.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../../client/descriptors.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import { isOpaque } from "../field-kind.js";
import { anotherText, escaped, wrongTexts } from "./json-samples.js";
import { jsonPlacesOf, jsonText, normal, usualSpelling, type JsonPlace, type Spelling } from "./json-text.js";
import { deepPlain, tooDeep } from "../nesting.js";
import { notUtf8 } from "../binary/refused-bytes.js";
import { distinct, type Variant } from "../variant.js";

/** Bodies with one fault in the message `value`. Throws when it is not a message of `type`. */
export function refusedJson(descriptors: Descriptors, type: DescMessage, value: Plain, codec: CodecName): Variant[] {
  const message = normal(descriptors, type, value);
  const spelling = usualSpelling(codec);
  // The text around the field, split at a NUL in its place: valid JSON has no NUL.
  const without = new Map<DescField, readonly string[]>();
  const replaced: Replaced = (field, ...by) => {
    const own = { field, key: "\0", value: "" };
    const change: Spelling["change"] = (of, members) =>
      of === field.parent ? [own, ...members.filter((member) => member.field !== field)] : members;
    const pieces = without.get(field) ?? jsonText(type, message, { ...spelling, change }).split("\0:");
    without.set(field, pieces);
    return pieces.join(by.map(([key, value]) => `${key}:${value}`).join());
  };
  const key = (field: DescField): string => JSON.stringify(spelling.key(field));
  const usual = jsonText(type, message, spelling);
  const deep = deepPlain(type, tooDeep);
  const field = firstField(type, message);
  const bodies: readonly Faulty[] = [
    ...wholeFaults(usual),
    ...(field ? syntaxFaults(field, key(field), replaced) : []),
    ...(deep ? [[`messages nested ${tooDeep} deep`, JSON.stringify(deep)] as const] : []),
    ...type.oneofs.flatMap(({ name, fields }): Faulty[] => {
      const [one, ...others] = fields;
      const all = [one, ...others].slice(0, 2).map((field) => [key(field!), anotherText(field!)] as const);
      return all.length < 2 ? [] : [[`two members of the oneof ${name}`, replaced(one!, ...all)]];
    }),
    ...jsonPlacesOf(type, message).flatMap((place) => fieldFaults(place, key(place.field), replaced)),
  ];
  return distinct(bodies.map(([name, body]) => ({ name, body: typeof body === "string" ? Buffer.from(body) : body })));
}

type Faulty = readonly [name: string, body: string | Buffer];

/** The message with these members in the place of a field's own. Keys have their quotes. */
type Replaced = (field: DescField, ...by: readonly (readonly [key: string, value: string])[]) => string;

/** A field to put a fault beside: a field that is set, else any. */
function firstField({ fields }: DescMessage, message: Plain): DescField | undefined {
  const possible = fields.filter((field) => !isOpaque(field));
  return possible.find(({ name }) => message[name] !== undefined) ?? possible.find(({ oneof }) => oneof === undefined);
}

/** Faults of the body as a whole. */
function wholeFaults(usual: string): Faulty[] {
  return [
    ["white space alone", " \n"],
    ["a byte order mark alone", "\uFEFF"],
    ["a list as the whole body", "[]"],
    ["thousands of lists, nested", "[".repeat(5000) + "]".repeat(5000)],
    ["thousands of objects, nested", `${'{"":'.repeat(5000)}{}${"}".repeat(5000)}`],
    ["the message in a list", `[${usual}]`],
    ["null as the whole body", "null"],
    ["a text as the whole body", JSON.stringify(usual)],
    ["a number as the whole body", "1"],
    ["true as the whole body", "true"],
    ["text after the body", `${usual}x`],
    ["a second body after the first", usual + usual],
    ["a NUL after the body", `${usual}\0`],
    ["an extra brace", `${usual}}`],
    ["a comma after the body", `${usual},`],
    ["a comma before all members", `{,${usual.slice(1)}`],
    ["a comment", `{/* */${usual.slice(1)}`],
    ["a comment to the end of the line", `{// \n${usual.slice(1)}`],
    ["a form feed for white space", `{\f${usual.slice(1)}`],
    ["a no-break space for white space", `\u00a0${usual}`],
    ["UTF-16", Buffer.from(usual, "utf16le")],
    ["UTF-16 with a byte order mark", Buffer.from(`\uFEFF${usual}`, "utf16le")],
    ["an unknown key", withMember(usual, '"unknown_key":1')],
    ["an unknown key with null", withMember(usual, '"unknown_key":null')],
    ["an empty key", withMember(usual, '"":1')],
    ["the key __proto__", withMember(usual, '"__proto__":{}')],
  ];
}

/** The text of an object with one more member. */
function withMember(object: string, member: string): string {
  return `{${member}${object === "{}" ? "" : ","}${object.slice(1)}`;
}

/** Faults of the syntax around a known field with a valid value. */
function syntaxFaults(field: DescField, key: string, replaced: Replaced): Faulty[] {
  const value = anotherText(field);
  const good = replaced(field, [key, value]);
  const start = `{${key}`;
  const rest = good.slice(start.length);
  return [
    ["a trailing comma", `${good.slice(0, -1)},}`],
    ["a key without quotes", `{${key.slice(1, -1)}${rest}`],
    ["a key in single quotes", `{'${key.slice(1, -1)}'${rest}`],
    ["a key without its colon", start + rest.replace(":", " ")],
    ["a key without its value", `{${key},${good.slice(1)}`],
    ["two members without a comma", `{${key}:${value} ${good.slice(1)}`],
    ["a value in single quotes", replaced(field, [key, "'a'"])],
    ["no value", replaced(field, [key, ""])],
    ...notUtf8.map(([name, bytes]): Faulty => {
      const [before, after] = [Buffer.from('{"'), Buffer.from(`":${value},${good.slice(1)}`)];
      return [`a key with ${name}`, Buffer.concat([before, Buffer.from(bytes), after])];
    }),
  ];
}

/** Faults of one field, set or not. */
function fieldFaults({ field, path }: JsonPlace, key: string, replaced: Replaced): Faulty[] {
  if (isOpaque(field)) return [];
  const faults = wrongTexts(field).map(([what, value]): Faulty => [
    `${path} is ${what}`,
    withBytes(replaced(field, [key, value])),
  ]);
  const value = anotherText(field);
  const twice: readonly Twice[] = [
    ["twice", [key, value], [key, value]],
    ["twice, once with an escape", [key, value], [escaped(key), value]],
    ["twice, first as null", [key, "null"], [key, value]],
    ["twice, then as null", [key, value], [key, "null"]],
    ["twice, in both spellings", ...[field.name, field.jsonName].map((one) => [JSON.stringify(one), value] as const)],
  ];
  return [...faults, ...twice.map(([what, ...members]): Faulty => [`${path} ${what}`, replaced(field, ...members)])];
}

type Twice = readonly [what: string, ...members: (readonly [key: string, value: string])[]];

/** The bytes of a text, with a byte that is not UTF-8 for each NUL. */
function withBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at)) bytes[at] = 0xff;
  return bytes;
}
