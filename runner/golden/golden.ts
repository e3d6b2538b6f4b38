// The golden files: an example of every message of a contract in each serialization, the numbers of its enums' names, and
// its routes. One file for each message and enum, and one for the routes.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScalarType, type DescEnum, type DescField, type DescMessage, type FileRegistry } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { encode, type CodecName, type Plain } from "../client/encoding.js";
import { sampleOf, wholeSamples } from "./sample.js";

/** A message in each serialization; in protobuf as hexadecimal digits. */
export type GoldenEncodings = Readonly<Record<CodecName, string>>;

/** A message in plain form. Unset fields are left out, so that a new field changes nothing here. */
export type GoldenWhole = GoldenEncodings & { readonly value: Plain };

/** A field: a value, and the message in which it alone is set. */
export type GoldenField = GoldenEncodings & {
  readonly value: unknown;
  readonly number: number;
  /** Its declaration with full names: "repeated library.v1.Book", "optional int32", "string in oneof choice". */
  readonly type: string;
};

export interface GoldenMessage {
  readonly message: string;
  /** By name, in the order of their numbers. */
  readonly fields: Readonly<Record<string, GoldenField>>;
  /** With all fields set, once for each way to set the oneofs. */
  readonly whole: readonly GoldenWhole[];
}

export interface GoldenEnum {
  readonly enum: string;
  readonly values: Readonly<Record<string, number>>;
}

/** A method as a client knows it. */
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

/** The golden files of a contract. Its own messages are those outside google.* and buf.*. */
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
  const encodings = (value: Plain): GoldenEncodings => ({
    protobuf: encode(registry, type, value, "protobuf").toString("hex"),
    json: encode(registry, type, value, "json").toString("utf8"),
    protojson: encode(registry, type, value, "protojson").toString("utf8"),
  });
  const fields = [...type.fields]
    .sort((field, other) => field.number - other.number)
    .map((field): [string, GoldenField] => {
      const { name, number } = field;
      const value = sampleOf(field);
      return [name, { number, type: typeText(field), value, ...encodings({ [name]: value }) }];
    });
  const whole = wholeSamples(type).map((value) => Object.assign({ value }, encodings(value)));
  return { message: type.typeName, fields: Object.fromEntries(fields), whole };
}

function goldenEnum(type: DescEnum): GoldenEnum {
  return { enum: type.typeName, values: Object.fromEntries(type.values.map(({ name, number }) => [name, number])) };
}

/** Today's method as a client knows it. */
export function goldenRoute(rpc: Rpc): GoldenRoute {
  const { verb, path, access, success } = rpc;
  return { verb, path, request: rpc.request.typeName, response: rpc.response.typeName, access, success };
}

/** The declaration of a field in the golden files. */
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

/** Reads the golden files of `folder`, none when it does not exist. Throws an Error that names a file which is not JSON. */
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
    throw new Error(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** The text of each golden file in `folder`, by name. */
export function goldenTexts(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return new Map(names.sort(compare).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** The expected text of each file, by name. */
export function textsOf({ messages, enums, routes }: Golden): Map<string, string> {
  const files: [string, object][] = [
    ...[...messages.values()].map((golden): [string, object] => [`${golden.message}.json`, golden]),
    ...[...enums.values()].map((golden): [string, object] => [`${golden.enum}.json`, golden]),
    [routesFile, { routes }],
  ];
  const texts = files.map(([name, golden]): [string, string] => [name, `${JSON.stringify(golden, null, 2)}\n`]);
  return new Map(texts.sort(([name], [other]) => compare(name, other)));
}

/** Writes these golden files to `folder`, and removes all others. */
export function writeTexts(folder: string, texts: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const name of goldenTexts(folder).keys()) if (!texts.has(name)) rmSync(join(folder, name));
  for (const [name, text] of texts) writeFileSync(join(folder, name), text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
