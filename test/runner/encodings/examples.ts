// Example messages in every serialization, with their equivalent, refused and truncated encodings.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import fc from "fast-check";
import { readDescriptors, type Descriptors } from "../../../runner/client/descriptors.js";
import { encode, type CodecName, type Plain } from "../../../runner/client/encoding.js";
import { truncations, type Truncation } from "../../../runner/encodings/binary/truncations.js";
import { refused, sameMeaning } from "../../../runner/encodings/encodings.js";
import { isAny, isDuration, wrappedFieldOf } from "../../../runner/client/well-known-types.js";
import { isTimestamp, isUnsigned, kindOf, scalarKind } from "../../../runner/encodings/field-kind.js";
import type { Variant } from "../../../runner/encodings/variant.js";
import { jsonOf } from "../../engine/codecs/kinds-arbitrary.js";
import { kind, kindsFile } from "../../engine/codecs/kinds.js";
import { contractWith } from "../../support/contract-with.js";

const seed = 20261123;

interface Example {
  readonly type: DescMessage;
  readonly value: Plain;
}

/** An example in one serialization. */
export interface Encoded extends Example {
  readonly usual: Buffer;
  readonly same: readonly Variant[];
  readonly refused: readonly Variant[];
  readonly cut: readonly Truncation[];
}

export class Examples {
  private readonly made = new Map<CodecName, readonly Encoded[]>();

  private constructor(
    readonly descriptors: Descriptors,
    private readonly examples: readonly Example[],
  ) {}

  /** Each `step`-th request of the contract and every message of kinds.proto, full and empty, and some that fast-check generates. */
  static async open(step: number): Promise<Examples> {
    const descriptors = readDescriptors(await contractWith(kindsFile));
    const requests = [...descriptors.rpcs.values()].map(({ request }) => request);
    const types = new Set([
      ...["Kinds", "Bounded", "Anys", "Query"].map((name) => kindsTypeIn(descriptors, name)),
      ...requests.filter((_, at) => at % step === 0),
    ]);
    const samples = fc.sample(jsonOf(kind("Kinds"), 1), { seed, numRuns: 3 });
    return new Examples(descriptors, [
      ...[...types].flatMap((type) => [
        { type, value: full(type) },
        { type, value: {} },
      ]),
      ...samples.map((value) => ({ type: kindsTypeIn(descriptors, "Kinds"), value })),
    ]);
  }

  /** A message type of kinds.proto. */
  kindsType(name: string): DescMessage {
    return kindsTypeIn(this.descriptors, name);
  }

  /** All examples in one serialization, encoded once: encoding takes longer than decoding. */
  in(codec: CodecName): readonly Encoded[] {
    const encoded = this.made.get(codec) ?? this.examples.map((example) => this.encoded(example, codec));
    this.made.set(codec, encoded);
    return encoded;
  }

  /** The message with every kind of field, and all fields set, in one serialization. */
  fullKinds(codec: CodecName): Encoded {
    return this.encoded(this.examples[0]!, codec);
  }

  /** An example in one serialization. */
  encoded({ type, value }: Example, codec: CodecName): Encoded {
    const { descriptors } = this;
    return {
      type,
      value,
      usual: encode(descriptors.registry, type, value, codec),
      same: sameMeaning(descriptors, type, value, codec),
      refused: refused(descriptors, type, value, codec),
      cut: truncations(descriptors, type, value, codec),
    };
  }
}

function kindsTypeIn({ registry }: Descriptors, name: string): DescMessage {
  return registry.getMessage(`lyceum.test.kinds.v1.${name}`)!;
}

/** A message with every field set; of a oneof the first member, or inside another message the third. */
function full(type: DescMessage, depth = 0): Plain {
  const fields = type.fields.filter(({ oneof, message }) => !oneof && (depth === 0 || !message));
  const chosen = type.oneofs.map(({ fields }) => fields[depth === 0 ? 0 : 2]!).filter(Boolean);
  return Object.fromEntries([...fields, ...chosen].map((field) => [field.name, fullField(field, depth)]));
}

const keys: Readonly<Record<string, readonly string[]>> = { string: ["", "ключ/1"], bool: ["true", "false"] };

function fullField(field: DescField, depth: number): unknown {
  const one = fullValue(field, depth, 300);
  if (field.fieldKind === "list") return [one, one, fullValue(field, depth + 1, 0)];
  if (field.fieldKind !== "map") return one;
  const names = keys[scalarKind(field.mapKey)] ?? ["0", "7"];
  return Object.fromEntries(names.map((key) => [key, one]));
}

function fullValue(field: DescField, depth: number, number: number): unknown {
  const kind = kindOf(field);
  if (field.message && isTimestamp(field.message.typeName)) return "2026-11-23T12:34:56.120Z";
  if (isDuration(field.message)) return "-90.500s";
  if (isAny(field.message)) return { "@type": "type.googleapis.com/lyceum.test.kinds.v1.Query", id: "7", name: "a" };
  const wrapped = wrappedFieldOf(field.message);
  if (wrapped) return fullValue(wrapped, depth, number);
  if (field.message) return depth < 2 ? full(field.message, depth + 1) : {};
  if (field.enum) return field.enum.values.at(-1)!.name;
  if (kind === "string") return 'Привет/"🦊"';
  if (kind === "bytes") return "+/8=";
  if (kind === "bool") return true;
  if (kind === "float" || kind === "double") return -0.5;
  return isUnsigned(kind) ? number : 0 - number;
}
