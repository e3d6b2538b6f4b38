// Replays what a released client sends and reads, as recorded in its golden file, with today's contract, and returns the
// effects on the client.
import { isDeepStrictEqual } from "node:util";
import {
  fromJson,
  ScalarType,
  toJson,
  type DescField,
  type DescMessage,
  type FileRegistry,
  type JsonValue,
} from "@bufbuild/protobuf";
import { codecNames, decode, encode, plain, type CodecName, type Plain } from "../client/encoding.js";
import { differences, show } from "../match.js";
import type { Effect, Effects } from "./finding.js";
import type { GoldenField, GoldenMessage, GoldenWhole } from "./golden.js";
import { sampleOf } from "./sample.js";

/** The effects of a field. `numbers` are those of the enum's names, when the field was an enum. */
export function replayField(
  registry: FileRegistry,
  type: DescMessage,
  golden: GoldenMessage,
  name: string,
  numbers: Readonly<Record<string, number>>,
): Effects {
  const field = golden.fields[name]!;
  return effectsOf((codec) =>
    codec === "protobuf"
      ? tryBytes(registry, type, name, field, numbers)
      : tryJson(registry, type, field[codec], field, codec),
  );
}

/** The effects of a message in which everything is set. */
export function replayWhole(registry: FileRegistry, type: DescMessage, golden: GoldenWhole): Effects {
  return effectsOf((codec) => {
    const read = attempt(() =>
      codec === "protobuf"
        ? decode(registry, type, Buffer.from(golden.protobuf, "hex"), codec)
        : plain(registry, type, fromJson(type, JSON.parse(golden[codec]) as JsonValue, { registry })),
    );
    if (!read) return { what: "refused", text: golden[codec] };
    const [different] = differences(read, golden.value);
    if (different !== undefined) return { what: "misread", was: show(golden.value), is: show(read) };
    return codec === "json" ? undefined : answered(golden[codec], write(registry, type, golden.value, codec), codec);
  });
}

function effectsOf(tried: (codec: CodecName) => Effect | undefined): Effects {
  const effects = new Map<CodecName, Effect>();
  for (const codec of codecNames) {
    const effect = tried(codec);
    if (effect) effects.set(codec, effect);
  }
  return effects;
}

/** In protobuf a field is found by its number. */
function tryBytes(
  registry: FileRegistry,
  type: DescMessage,
  name: string,
  golden: GoldenField,
  numbers: Readonly<Record<string, number>>,
): Effect | undefined {
  const bytes = Buffer.from(golden.protobuf, "hex");
  const field = type.fields.find((field) => field.number === golden.number);
  if (!field || !canRead(registry, field, bytes)) return { what: "lost" };
  // The name has another number, and another field has this one.
  if (field.name !== name && type.fields.some((field) => field.name === name)) return { what: "taken", by: field.name };
  const read = attempt(() => decode(registry, type, bytes, "protobuf"));
  if (!read) return { what: "refused", text: show(golden.value) };
  const value = read[field.name];
  const today = Object.fromEntries(field.enum?.values.map(({ name, number }) => [name, number]) ?? []);
  if (differences(asNumbers(value, today), asNumbers(golden.value, numbers)).length > 0)
    return { what: "misread", was: show(golden.value), is: show(value) };
  return answered(golden.protobuf, write(registry, type, { [field.name]: value }, "protobuf"), "protobuf");
}

/** In JSON a field is found by its name. */
function tryJson(
  registry: FileRegistry,
  type: DescMessage,
  text: string,
  golden: GoldenField,
  codec: "json" | "protojson",
): Effect | undefined {
  const sent = JSON.parse(text) as Record<string, JsonValue>;
  const key = Object.keys(sent)[0]!;
  const field = type.fields.find((field) => field.name === key || field.jsonName === key);
  if (!field) return { what: "unknown", key };
  const message = attempt(() => fromJson(type, sent, { registry }));
  const read = message && attempt(() => plain(registry, type, message));
  if (!message || !read) return { what: "refused", text };
  if (differences(read[field.name], golden.value).length > 0)
    return { what: "misread", was: show(golden.value), is: show(read[field.name]) };
  // json consists of the names and values that have just been read.
  return codec === "json" ? undefined : answered(text, JSON.stringify(toJson(type, message, { registry })), codec);
}

function answered(was: string, is: string | undefined, codec: CodecName): Effect | undefined {
  if (is === was) return undefined;
  if (is !== undefined && codec !== "protobuf" && isDeepStrictEqual(JSON.parse(is), JSON.parse(was))) return undefined;
  return { what: "answered", was, is: is ?? "nothing" };
}

function write(registry: FileRegistry, type: DescMessage, value: Plain, codec: CodecName): string | undefined {
  const bytes = attempt(() => encode(registry, type, value, codec));
  return bytes?.toString(codec === "protobuf" ? "hex" : "utf8");
}

/**
 * Whether the bytes have a wire type that the field accepts: otherwise the specification makes them an unknown field,
 * which @bufbuild/protobuf ignores. A list of numbers is read packed and unpacked.
 */
function canRead(registry: FileRegistry, field: DescField, bytes: Buffer): boolean {
  const own = encode(registry, field.parent, { [field.name]: sampleOf(field) }, "protobuf");
  const wireType = (tag: Buffer): number => tag[0]! & 7;
  if (wireType(own) === wireType(bytes)) return true;
  return field.fieldKind === "list" && canBePacked(field);
}

function canBePacked({ scalar, message }: DescField): boolean {
  return !message && scalar !== ScalarType.STRING && scalar !== ScalarType.BYTES;
}

/** The numbers of enum names and booleans: protobuf does not distinguish these types. */
function asNumbers(value: unknown, numbers: Readonly<Record<string, number>>): unknown {
  if (Array.isArray(value)) return value.map((item) => asNumbers(item, numbers));
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string") return numbers[value] ?? value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asNumbers(item, numbers)]));
}

function attempt<Made>(make: () => Made): Made | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
