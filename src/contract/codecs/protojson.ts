// The canonical ProtoJSON of a message: lowerCamelCase keys, 64-bit integers as strings, defaults left out.
import type protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { protobufWriter } from "./write-protobuf.js";

/**
 * Compiles the writer of a message. The library writes the ProtoJSON from the protobuf of the message, so the two cannot
 * differ; it takes several times as long as the other writers.
 */
export function protojsonWriter(type: protobuf.Type): (value: object) => Buffer {
  const write = protobufWriter(type);
  return (value) => Buffer.from(protojson.toJsonString(type, type.decode(write(value))));
}
