// Encodes and decodes messages in the three serializations, with @bufbuild/protobuf. Decoding is strict on purpose: an
// answer in another than its canonical form is a fault, even when it can be read.
import { isDeepStrictEqual } from "node:util";
import {
  fromBinary,
  fromJson,
  ScalarType,
  toBinary,
  toJson,
  type DescField,
  type DescMessage,
  type FileRegistry,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { anyUnpack, type Any } from "@bufbuild/protobuf/wkt";

import { stringify } from "./json.js";
import { isAny, isDuration, wrappedFieldOf } from "./well-known-types.js";

export const codecNames = ["json", "protojson", "protobuf"] as const;
export type CodecName = (typeof codecNames)[number];

/** A message as cases write it: proto field names, integers as numbers, enums by name, timestamps in RFC 3339. */
export type Plain = Record<string, unknown>;

/** The media type of each serialization in Content-Type and Accept. */
export const mediaTypes: Readonly<Record<CodecName, string>> = {
  json: "application/json",
  protojson: "application/protobuf+json",
  protobuf: "application/protobuf",
};

/** All media types of each serialization, the usual one first. */
export const mediaTypeNames: Readonly<Record<CodecName, readonly string[]>> = {
  json: [mediaTypes.json],
  protojson: [mediaTypes.protojson, "application/x-protobuf+json"],
  protobuf: [
    mediaTypes.protobuf,
    "application/x-protobuf",
    "application/x-protobuffer",
    "application/vnd.google.protobuf",
    "application/x-google-protobuf",
    "application/proto",
  ],
};

/** The values of `alt` in a query. */
export const codecByAlt: Readonly<Record<string, CodecName>> = {
  json: "json",
  proto: "protobuf",
  protojson: "protojson",
};

/** The media type of a Problem in JSON. */
export const problemJson = "application/problem+json";

/** The serialization of a Content-Type, by any of its names; undefined when the type is unknown. */
export function codecOf(contentType: string | undefined): CodecName | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  return type === problemJson ? "json" : codecNames.find((name) => mediaTypeNames[name].includes(type));
}

/** Encodes a message. Throws when `value` is not a message of the type. */
export function encode(registry: FileRegistry, type: DescMessage, value: Plain, codec: CodecName): Buffer {
  if (codec === "json") return Buffer.from(stringify(value));
  const message = fromJson(type, value as JsonValue, { registry });
  if (codec === "protobuf") return Buffer.from(toBinary(type, message));
  return Buffer.from(stringify(typesFirst(toJson(type, message, { registry }))));
}

/** The same JSON with the "@type" of each Any before its other members, as servers usually write it. */
function typesFirst(json: JsonValue): JsonValue {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(typesFirst);
  const members = Object.entries(json).map(([key, value]) => [key, typesFirst(value)] as const);
  return Object.fromEntries(members.sort(([a], [b]) => Number(b === "@type") - Number(a === "@type")));
}

/**
 * Decodes a message. Throws an Error with the reason when the bytes are not the message, have unknown fields, or are not
 * its canonical form in that serialization.
 */
export function decode(registry: FileRegistry, type: DescMessage, bytes: Buffer, codec: CodecName): Plain {
  if (codec === "protobuf") {
    const message = fromBinary(type, bytes);
    const stray = unknownField(registry, message);
    if (stray !== undefined) throw new Error(`field number ${stray} is not in the contract`);
    return plain(registry, type, message);
  }
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const parsed = JSON.parse(text) as JsonValue;
  const message = fromJson(type, parsed, { registry });
  const value = plain(registry, type, message);
  const canonical = codec === "json" ? value : toJson(type, message, { registry });
  if (!isDeepStrictEqual(parsed, canonical)) {
    throw new Error(
      `not the ${codec} form of ${type.typeName}:\n  ${stringify(parsed)}\nshould be\n  ${stringify(canonical)}`,
    );
  }
  // Differences that parsing hides: a repeated key, 1.0 instead of 1, white space.
  const plainText = stringify(parsed);
  if (plainText !== text) throw new Error(`not canonical JSON text:\n  ${text}\nshould be\n  ${plainText}`);
  return value;
}

/** The plain form of a message: fields without presence are always present, unset fields with presence are absent. */
export function plain(registry: FileRegistry, type: DescMessage, message: Message): Plain {
  const json = toJson(type, message, { registry, alwaysEmitImplicit: true, useProtoFieldName: true });
  return plainMessage(registry, type, json as Plain);
}

function plainMessage(registry: FileRegistry, type: DescMessage, json: Plain): Plain {
  return Object.fromEntries(
    type.fields.flatMap((field) =>
      json[field.name] === undefined ? [] : [[field.name, plainField(registry, field, json[field.name])]],
    ),
  );
}

function plainField(registry: FileRegistry, field: DescField, json: unknown): unknown {
  const { message, scalar } = field;
  const single = (value: unknown): unknown =>
    message ? plainInner(registry, message, value) : plainScalar(field.name, scalar, value);
  if (field.fieldKind === "list") return (json as unknown[]).map(single);
  if (field.fieldKind !== "map") return single(json);
  return Object.fromEntries(Object.entries(json as Plain).map(([key, value]) => [key, single(value)]));
}

function plainInner(registry: FileRegistry, type: DescMessage, value: unknown): unknown {
  if (type.typeName === "google.protobuf.Timestamp") return (value as string).replace(/(?<=:\d\d)Z$/, ".000Z");
  if (isDuration(type)) return value;
  if (isAny(type)) return plainAny(registry, value as Plain);
  const wrapped = wrappedFieldOf(type);
  return wrapped ? plainScalar(type.name, wrapped.scalar, value) : plainMessage(registry, type, value as Plain);
}

function plainAny(registry: FileRegistry, { "@type": url, ...fields }: Plain): Plain {
  const type = url === undefined ? undefined : registry.getMessage(String(url).replace(/^.*\//, ""));
  if (!type) return {};
  const inner = plainInner(registry, type, hasOwnJson(type) ? fields["value"] : fields);
  return { "@type": url, ...(hasOwnJson(type) ? { value: inner } : (inner as Plain)) };
}

function hasOwnJson(type: DescMessage): boolean {
  return type.typeName === "google.protobuf.Timestamp" || isDuration(type) || isAny(type) || !!wrappedFieldOf(type);
}

function plainScalar(name: string, scalar: ScalarType | undefined, value: unknown): unknown {
  return scalar !== undefined && longs.has(scalar) ? safeInteger(name, value as string) : value;
}

const longs: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

function safeInteger(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name}: ${text} is beyond the safe integers`);
  return value;
}

function unknownField(registry: FileRegistry, value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  const unknown = (value as { $unknown?: { no: number }[] }).$unknown;
  if (unknown?.[0]) return unknown[0].no;
  const isHolder = (value as Partial<Message>).$typeName === "google.protobuf.Any";
  for (const part of isHolder ? [anyUnpack(value as Any, registry)] : Object.values(value)) {
    const found = unknownField(registry, part);
    if (found !== undefined) return found;
  }
  return undefined;
}
