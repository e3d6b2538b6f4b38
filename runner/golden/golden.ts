// The golden files: what every message of a contract is in each serialization, what its enums' names stand for, and where
// its routes are. One file for each message and enum, and one for the routes.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScalarType, type DescEnum, type DescField, type DescMessage, type FileRegistry } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { encode, type CodecName, type Plain } from "../client/encoding.js";
import { sampleOf, wholeSamples } from "./sample.js";

/** What a message is in each serialization; that of protobuf in hexadecimal. */
export type GoldenWire = Readonly<Record<CodecName, string>>;

/** A message in plain form. Fields that are not set are left out: one that is added later changes nothing here. */
export type GoldenWhole = GoldenWire & { readonly value: Plain };

/** A field: a value of it, and the message in which it alone is set. */
export type GoldenField = GoldenWire & {
  readonly value: unknown;
  readonly number: number;
  /** As a .proto file has it, with full names: "repeated library.v1.Book", "optional int32", "string in oneof choice". */
  readonly type: string;
};

export interface GoldenMessage {
  readonly message: string;
  /** By name, in the order of their numbers. */
  readonly fields: Readonly<Record<string, GoldenField>>;
  /** With all fields set, once for each way that oneofs can be. */
  readonly whole: readonly GoldenWhole[];
}

export interface GoldenEnum {
  readonly enum: string;
  readonly values: Readonly<Record<string, number>>;
}

/** What a client knows of a method. */
export type GoldenRoute = Readonly<Record<"verb" | "path" | "request" | "response" | "access", string>> & {
  readonly success: number;
};

export interface Golden {
  readonly messages: ReadonlyMap<string, GoldenMessage>;
  readonly enums: ReadonlyMap<string, GoldenEnum>;
  /** By the name of the method, sorted by path and verb. */
  readonly routes: Readonly<Record<string, GoldenRoute>>;
}

const routesFile = "routes.json";

/** What the golden files of a contract say. Its own messages are those outside google.* and buf.*. */
export function goldenOf({ registry, rpcs }: Descriptors): Golden {
  const own = [...registry].filter((type) => !/^(google|buf)\./.test(type.typeName));
  const messages = own.filter((type) => type.kind === "message").map((type) => goldenMessage(registry, type));
  const enums = own.filter((type) => type.kind === "enum").map(goldenEnum);
  const sorted = [...rpcs.values()].sort((a, b) => compare(a.path, b.path) || compare(a.verb, b.verb));
  return {
    messages: new Map(messages.map((golden) => [golden.message, golden])),
    enums: new Map(enums.map((golden) => [golden.enum, golden])),
    routes: Object.fromEntries(sorted.map((rpc) => [rpc.name, goldenRoute(rpc)])),
  };
}

function goldenMessage(registry: FileRegistry, type: DescMessage): GoldenMessage {
  const wire = (value: Plain): GoldenWire => ({
    protobuf: encode(registry, type, value, "protobuf").toString("hex"),
    json: encode(registry, type, value, "json").toString("utf8"),
    protojson: encode(registry, type, value, "protojson").toString("utf8"),
  });
  const fields = [...type.fields]
    .sort((field, other) => field.number - other.number)
    .map((field): [string, GoldenField] => {
      const { name, number } = field;
      const value = sampleOf(field);
      return [name, { number, type: typeText(field), value, ...wire({ [name]: value }) }];
    });
  const whole = wholeSamples(type).map((value) => Object.assign({ value }, wire(value)));
  return { message: type.typeName, fields: Object.fromEntries(fields), whole };
}

function goldenEnum(type: DescEnum): GoldenEnum {
  return { enum: type.typeName, values: Object.fromEntries(type.values.map(({ name, number }) => [name, number])) };
}

/** What a client knows of a method of today. */
export function goldenRoute(rpc: Rpc): GoldenRoute {
  const { verb, path, access, success } = rpc;
  return { verb, path, request: rpc.request.typeName, response: rpc.response.typeName, access, success };
}

/** The type of a field as the golden files have it. */
export function typeText(field: DescField): string {
  const single = field.enum?.typeName ?? field.message?.typeName ?? scalarName(field.scalar!);
  if (field.fieldKind === "list") return `repeated ${single}`;
  if (field.fieldKind === "map") return `map<${scalarName(field.mapKey)}, ${single}>`;
  if (field.oneof) return `${single} in oneof ${field.oneof.name}`;
  return !field.message && field.presence === FeatureSet_FieldPresence.EXPLICIT ? `optional ${single}` : single;
}

function scalarName(type: ScalarType): string {
  return ScalarType[type].toLowerCase();
}

/** Reads what `folder` holds; a folder that is not there holds nothing. Throws an Error that names a file which is no JSON. */
export function readGolden(folder: string): Golden {
  const messages = new Map<string, GoldenMessage>();
  const enums = new Map<string, GoldenEnum>();
  let routes: Golden["routes"] = {};
  for (const [file, text] of goldenTexts(folder)) {
    const golden = parse(join(folder, file), text);
    if ("message" in golden) messages.set(golden.message, golden);
    else if ("enum" in golden) enums.set(golden.enum, golden);
    else routes = golden.routes;
  }
  return { messages, enums, routes };
}

function parse(path: string, text: string): GoldenMessage | GoldenEnum | Pick<Golden, "routes"> {
  try {
    return JSON.parse(text) as GoldenMessage | GoldenEnum | Pick<Golden, "routes">;
  } catch (error) {
    throw new Error(`${path} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** The text of each golden file in `folder`, by name. */
export function goldenTexts(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return new Map(names.sort(compare).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** The text that each file has to have, by name. */
export function textsOf({ messages, enums, routes }: Golden): Map<string, string> {
  const files: [string, object][] = [
    ...[...messages.values()].map((golden): [string, object] => [`${golden.message}.json`, golden]),
    ...[...enums.values()].map((golden): [string, object] => [`${golden.enum}.json`, golden]),
    [routesFile, { routes }],
  ];
  const texts = files.map(([name, golden]): [string, string] => [name, `${JSON.stringify(golden, null, 2)}\n`]);
  return new Map(texts.sort(([name], [other]) => compare(name, other)));
}

/** Makes `folder` hold these files and no other golden ones. */
export function writeTexts(folder: string, texts: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const name of goldenTexts(folder).keys()) if (!texts.has(name)) rmSync(join(folder, name));
  for (const [name, text] of texts) writeFileSync(join(folder, name), text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
