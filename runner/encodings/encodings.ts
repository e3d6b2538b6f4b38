// Bodies that a server must decode to the same message, and bodies that it must refuse, in each serialization.
import type { DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../client/descriptors.js";
import { encode, type CodecName, type Plain } from "../client/encoding.js";
import { binaryVariants } from "./binary/binary-variants.js";
import { jsonVariants } from "./json/json-variants.js";
import { refusedBytes } from "./binary/refused-bytes.js";
import { refusedJson } from "./json/refused-json.js";
import type { Variant } from "./variant.js";

/**
 * Bodies that all decode to `value`, without the usual one. The same call returns the same bodies.
 * Throws when `value` is not a message of `type`.
 */
export function sameMeaning(descriptors: Descriptors, type: DescMessage, value: Plain, codec: CodecName): Variant[] {
  if (codec === "protobuf") return binaryVariants(descriptors, type, value);
  return jsonVariants(descriptors, type, value, codec, encode(descriptors.registry, type, value, codec));
}

/**
 * Bodies that must be refused as malformed, most of them similar to `value`. The same call returns the same bodies.
 * Throws when `value` is not a message of `type`.
 */
export function refused(descriptors: Descriptors, type: DescMessage, value: Plain, codec: CodecName): Variant[] {
  if (codec === "protobuf") return refusedBytes(descriptors, type, value);
  return refusedJson(descriptors, type, value, codec);
}
