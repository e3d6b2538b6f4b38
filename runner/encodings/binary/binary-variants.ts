// Equivalent encodings of one message in protobuf, by the specification of Protocol Buffers.
//
// Left out, because parsers differ and the conformance suite does not decide: lengths of six to ten bytes, and varints
// whose tenth byte has bits beyond 64.
import type { DescMessage } from "@bufbuild/protobuf";
import type { Descriptors } from "../../client/descriptors.js";
import type { Plain } from "../../client/encoding.js";
import { fieldVariants } from "./binary-field-variants.js";
import { layoutOf, type Layout } from "../layout.js";
import { isEntry, treeOf, write, writerOf, type Change, type Part } from "../message-tree.js";
import { zero } from "../sample-value.js";
import { distinct, type Variant } from "../variant.js";
import { END, FIXED32, FIXED64, group, LENGTH, nestedGroups, START, stray, tag, VARINT } from "../wire-format.js";

// Messages nest to a depth of 100, with the outermost as the first.
const groupsThatAreRead = 99;

/** Bodies that all decode to the message `value`. Throws when it is not a message of `type`. */
export function binaryVariants(descriptors: Descriptors, type: DescMessage, value: Plain): Variant[] {
  const layout = layoutOf(type);
  const tree = treeOf(descriptors, type, value);
  const body = writerOf(layout, tree);
  const around = (make: (layout: Layout) => Buffer): Buffer =>
    write([make(layout), ...tree.flatMap((part) => [part, make(layout)])]);
  const variants: readonly Variant[] = [
    { name: "fields in reverse order", body: body((_, parts) => reversed(parts)) },
    { name: "every tag in five bytes", body: body(undefined, { tagBytes: 5 }) },
    { name: "every length in five bytes", body: body(undefined, { lengthBytes: 5 }) },
    { name: "every varint in ten bytes", body: body(undefined, { varintBytes: () => 10 }) },
    {
      name: "every tag and length in two bytes or more, every varint in three",
      body: body(undefined, { tagBytes: 2, lengthBytes: 2, varintBytes: () => 3 }),
    },
    { name: "defaults written out", body: body(withDefaults) },
    ...[VARINT, FIXED64, LENGTH, START, FIXED32].map((wireType) => ({
      name: `unknown fields of wire type ${wireType} before, between and after the others`,
      body: around(({ freeNumber }) => stray(freeNumber, wireType)),
    })),
    {
      name: "unknown fields of the highest number",
      body: around(({ highestFree }) => Buffer.concat([stray(highestFree, VARINT), stray(highestFree, START)])),
    },
    { name: "unknown fields of every wire type inside every message", body: body(withStrays) },
    {
      name: `${groupsThatAreRead} unknown groups, nested`,
      body: Buffer.concat([body(), nestedGroups(layout.freeNumber, groupsThatAreRead)]),
    },
    {
      name: "an unknown group with a known field in it",
      body: Buffer.concat([body(), group(layout.freeNumber, body())]),
    },
    {
      name: "every known number once more, as a group",
      body: Buffer.concat([
        body(),
        ...layout.members.map(({ number }) => Buffer.concat([tag(number, START), tag(number, END)])),
      ]),
    },
    ...fieldVariants(layout, tree, body),
  ];
  return distinct(variants, body());
}

/** The fields from the last to the first; the values of a list stay in order. */
function reversed(parts: readonly Part[]): readonly Part[] {
  const runs: Part[][] = [];
  for (const part of parts) {
    const last = runs.at(-1)?.[0];
    if (last && isEntry(last) && isEntry(part) && last.member === part.member && part.member.many === "list")
      runs.at(-1)!.push(part);
    else runs.push([part]);
  }
  return runs.reverse().flat();
}

const withDefaults: Change = ({ members, isEntry: isOfMap }, parts) => {
  if (isOfMap) return parts;
  const present = new Set(parts.filter(isEntry).map(({ member }) => member));
  const absent = members.filter((member) => member.isImplicit && !present.has(member));
  return [...absent.map(zero), ...parts];
};

const withStrays: Change = ({ freeNumber }, parts, depth) => {
  if (depth === 1) return parts;
  const strays = [VARINT, FIXED64, LENGTH, START, FIXED32].map((wireType) => stray(freeNumber, wireType));
  return [...strays, ...parts, ...strays];
};
