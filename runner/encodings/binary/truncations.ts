// A body that is truncated, at every byte.
import { fromBinary, type DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../../client/descriptors.js";
import { encode, plain, type CodecName, type Plain } from "../../client/encoding.js";
import { readFields } from "../wire-format.js";
import type { Variant } from "../variant.js";

/** The beginning of a body. */
export interface Truncation extends Variant {
  /** The message that it still is, with every default in its place; undefined when it must be refused. */
  readonly meaning: Plain | undefined;
}

/**
 * The message `value` in a serialization, truncated after every byte but the last; the first is empty. Between two of its
 * outermost fields a protobuf body is a message without the later fields; a truncated JSON body is never one. Throws when
 * `value` is not a message of `type`.
 */
export function truncations(
  { registry }: Descriptors,
  type: DescMessage,
  value: Plain,
  codec: CodecName,
): Truncation[] {
  const whole = encode(registry, type, value, codec);
  const fields = codec === "protobuf" ? readFields(whole) : [];
  const ends = new Set(codec === "protobuf" ? [0, ...fields.map(({ end }) => end)] : []);
  const nameAt = (at: number): string => {
    const number = fields.find(({ end }) => end > at)?.number;
    const name = type.fields.find((field) => field.number === number)?.name;
    return name === undefined ? "" : ends.has(at) ? `, before ${name}` : `, in the middle of ${name}`;
  };
  return Array.from({ length: whole.length }, (_, at) => {
    const body = whole.subarray(0, at);
    const meaning = ends.has(at) ? plain(registry, type, fromBinary(type, body)) : undefined;
    return { name: `cut after ${at} of ${whole.length} bytes${nameAt(at)}`, body, meaning };
  });
}
