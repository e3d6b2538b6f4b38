// The canonical ProtoJSON of a message: lowerCamelCase keys, 64-bit integers as strings, defaults left out.
import type protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { protobufWriter } from "./write-protobuf.js";

/**
 * Compiles the writer of a message. What it writes is the library's canonical form of our protobuf bytes, so the two
 * cannot differ; that costs a few times what the others cost.
 */
export function protojsonWriter(type: protobuf.Type): (value: object) => Buffer {
  const write = protobufWriter(type);
  return (value) => Buffer.from(protojson.toJsonString(type, type.decode(write(value))));
}
