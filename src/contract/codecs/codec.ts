// Bytes to plain object and back, in the three serializations of a message. A request has the same meaning in each.
import type protobuf from "protobufjs";
import { jsonReader } from "./read-json.js";
import { protobufReader } from "./read-protobuf.js";
import { messageSchema, type Plain } from "../model/message-schema.js";
import { jsonWriter, protojsonWriter } from "./write-json.js";
import { protobufWriter } from "./write-protobuf.js";

export type { Plain } from "../model/message-schema.js";
export type CodecName = "json" | "protojson" | "protobuf";

/** One serialization. Readers and writers are compiled at the first call for a message, and kept. */
export interface Codec {
  readonly name: CodecName;
  /**
   * The reader of a message: strict, every default in its place, every list at most one element longer than its rule
   * allows. It throws MALFORMED_REQUEST. Compiling throws an Error that names a field which cannot be served.
   */
  reader(type: protobuf.Type): (body: Buffer) => Plain;
  /** The writer of a message: known fields only, null dropped, defaults filled. A wrong type throws a TypeError. */
  writer(type: protobuf.Type): (value: object) => Buffer;
}

// Both JSON codecs read the same: everything that ProtoJSON allows.
const readJson = once(jsonReader);

export const codecs: Readonly<Record<CodecName, Codec>> = Object.freeze({
  json: { name: "json", reader: readJson, writer: once(jsonWriter) },
  protojson: { name: "protojson", reader: readJson, writer: once(protojsonWriter) },
  protobuf: { name: "protobuf", reader: once(protobufReader), writer: once(protobufWriter) },
});

/** A message in which nothing is set: every default in its place, and fields with presence absent. */
export function defaults(type: protobuf.Type): Plain {
  return messageSchema(type).blank();
}

/** Compiles at the first call for a message, and keeps the result. */
function once<Compiled>(compile: (type: protobuf.Type) => Compiled): (type: protobuf.Type) => Compiled {
  const kept = new WeakMap<protobuf.Type, Compiled>();
  return (type) => {
    let compiled = kept.get(type);
    if (!compiled) kept.set(type, (compiled = compile(type)));
    return compiled;
  };
}
