// What a server must read as the same message, and what it must refuse, in each serialization.
import type { DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../client/descriptors.js";
import { encode, type CodecName, type Plain } from "../client/encoding.js";
import { binaryVariants } from "./binary/binary-variants.js";
import { jsonVariants } from "./json/json-variants.js";
import { refusedBytes } from "./binary/refused-bytes.js";
import { refusedJson } from "./json/refused-json.js";
import type { Variant } from "./variant.js";

/**
 * Bodies that all decode to `value`, none of them the usual one. The same call answers with the same bodies.
 * Throws when `value` is no message of `type`.
 */
export function sameMeaning(descriptors: Descriptors, type: DescMessage, value: Plain, codec: CodecName): Variant[] {
  if (codec === "protobuf") return binaryVariants(descriptors, type, value);
  return jsonVariants(descriptors, type, value, codec, encode(descriptors.registry, type, value, codec));
}

/**
 * Bodies that must be refused as malformed, most of each being `value`. The same call answers with the same bodies.
 * Throws when `value` is no message of `type`.
 */
export function refused(descriptors: Descriptors, type: DescMessage, value: Plain, codec: CodecName): Variant[] {
  if (codec === "protobuf") return refusedBytes(descriptors, type, value);
  return refusedJson(descriptors, type, value, codec);
}
