// Messages in messages in messages, for types that hold themselves.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Plain } from "../client/encoding.js";
import { counted, LENGTH, tag } from "./wire-format.js";

/** So deep may a message be, counted in messages, the outermost as one ... */
export const deepest = 100;
/** ... and this is too deep. */
export const tooDeep = deepest + 1;

/** The fields by which messages of a type nest as deep as one likes, from the outermost inwards; none when they cannot. */
function waysDown(type: DescMessage, steps: number): DescField[] | undefined {
  const path: DescField[] = [];
  for (let here = type; path.length < steps; here = path.at(-1)!.message!) {
    const next = here.fields.find((field) => isWayDown(field) && isEndless(field.message!));
    if (!next) return undefined;
    path.push(next);
  }
  return path;
}

/** Whether a type leads to one that holds itself. */
function isEndless(type: DescMessage, above: readonly DescMessage[] = []): boolean {
  if (above.includes(type)) return true;
  return type.fields.some((field) => isWayDown(field) && isEndless(field.message!, [...above, type]));
}

function isWayDown(field: DescField): boolean {
  return (
    field.message !== undefined && field.fieldKind !== "map" && !field.message.typeName.startsWith("google.protobuf.")
  );
}

/** A message so deep, as JSON can say it; undefined when the type does not nest so far. */
export function deepPlain(type: DescMessage, depth: number): Plain | undefined {
  return waysDown(type, depth - 1)?.reduceRight<Plain>(
    (inner, field) => ({ [field.name]: field.fieldKind === "list" ? [inner] : inner }),
    {},
  );
}

/** The same in bytes. */
export function deepBytes(type: DescMessage, depth: number): Buffer | undefined {
  return waysDown(type, depth - 1)?.reduceRight<Buffer>(
    (inner, { number }) => Buffer.concat([tag(number, LENGTH), counted(inner)]),
    Buffer.alloc(0),
  );
}
