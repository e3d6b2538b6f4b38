// Plays what a released client writes and reads, as its golden file has it, through today's contract, and says what the
// client would notice.
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
import type { Notice, Notices } from "./finding.js";
import type { GoldenField, GoldenMessage, GoldenWhole } from "./golden.js";
import { sampleOf } from "./sample.js";

/** What clients notice of a field. `numbers` are those that enum names stood for, when the field was an enum. */
export function tryField(
  registry: FileRegistry,
  type: DescMessage,
  golden: GoldenMessage,
  name: string,
  numbers: Readonly<Record<string, number>>,
): Notices {
  const field = golden.fields[name]!;
  return noticesOf((codec) =>
    codec === "protobuf"
      ? tryBytes(registry, type, name, field, numbers)
      : tryJson(registry, type, field[codec], field, codec),
  );
}

/** What clients notice of a message in which everything is set. */
export function tryWhole(registry: FileRegistry, type: DescMessage, golden: GoldenWhole): Notices {
  return noticesOf((codec) => {
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

function noticesOf(tried: (codec: CodecName) => Notice | undefined): Notices {
  const notices = new Map<CodecName, Notice>();
  for (const codec of codecNames) {
    const notice = tried(codec);
    if (notice) notices.set(codec, notice);
  }
  return notices;
}

/** Bytes know a field by its number. */
function tryBytes(
  registry: FileRegistry,
  type: DescMessage,
  name: string,
  golden: GoldenField,
  numbers: Readonly<Record<string, number>>,
): Notice | undefined {
  const bytes = Buffer.from(golden.protobuf, "hex");
  const field = type.fields.find((field) => field.number === golden.number);
  if (!field || !canRead(registry, field, bytes)) return { what: "lost" };
  // The name went elsewhere, and something else stands under its number.
  if (field.name !== name && type.fields.some((field) => field.name === name)) return { what: "taken", by: field.name };
  const read = attempt(() => decode(registry, type, bytes, "protobuf"));
  if (!read) return { what: "refused", text: show(golden.value) };
  const value = read[field.name];
  const today = Object.fromEntries(field.enum?.values.map(({ name, number }) => [name, number]) ?? []);
  if (differences(asNumbers(value, today), asNumbers(golden.value, numbers)).length > 0)
    return { what: "misread", was: show(golden.value), is: show(value) };
  return answered(golden.protobuf, write(registry, type, { [field.name]: value }, "protobuf"), "protobuf");
}

/** JSON knows a field by its name. */
function tryJson(
  registry: FileRegistry,
  type: DescMessage,
  text: string,
  golden: GoldenField,
  codec: "json" | "protojson",
): Notice | undefined {
  const sent = JSON.parse(text) as Record<string, JsonValue>;
  const key = Object.keys(sent)[0]!;
  const field = type.fields.find((field) => field.name === key || field.jsonName === key);
  if (!field) return { what: "unknown", key };
  const message = attempt(() => fromJson(type, sent, { registry }));
  const read = message && attempt(() => plain(registry, type, message));
  if (!message || !read) return { what: "refused", text };
  if (differences(read[field.name], golden.value).length > 0)
    return { what: "misread", was: show(golden.value), is: show(read[field.name]) };
  // What is written in json are the names and values that have just been read.
  return codec === "json" ? undefined : answered(text, JSON.stringify(toJson(type, message, { registry })), codec);
}

function answered(was: string, is: string | undefined, codec: CodecName): Notice | undefined {
  if (is === was) return undefined;
  if (is !== undefined && codec !== "protobuf" && isDeepStrictEqual(JSON.parse(is), JSON.parse(was))) return undefined;
  return { what: "answered", was, is: is ?? "nothing" };
}

function write(registry: FileRegistry, type: DescMessage, value: Plain, codec: CodecName): string | undefined {
  const bytes = attempt(() => encode(registry, type, value, codec));
  return bytes?.toString(codec === "protobuf" ? "hex" : "utf8");
}

/**
 * Whether these bytes have a wire type that the field can have: else they are an unknown field, as the specification
 * says, and @bufbuild/protobuf does not see it. A list of numbers is read packed and unpacked.
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

/** What the wire has for names of enums and for truth: a change between such types is not seen in bytes. */
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
