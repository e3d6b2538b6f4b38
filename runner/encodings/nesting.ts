// Deeply nested messages, of types that contain themselves.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Plain } from "../client/encoding.js";
import { counted, LENGTH, tag } from "./wire-format.js";

/** The deepest valid nesting, counted in messages with the outermost as one ... */
export const deepest = 100;
/** ... and the first invalid one. */
export const tooDeep = deepest + 1;

/** The fields by which messages of a type nest to any depth, from the outermost inwards; undefined when they cannot. */
function waysDown(type: DescMessage, steps: number): DescField[] | undefined {
  const path: DescField[] = [];
  for (let here = type; path.length < steps; here = path.at(-1)!.message!) {
    const next = here.fields.find((field) => isWayDown(field) && isEndless(field.message!));
    if (!next) return undefined;
    path.push(next);
  }
  return path;
}

/** Whether a type leads to a type that contains itself. */
function isEndless(type: DescMessage, above: readonly DescMessage[] = []): boolean {
  if (above.includes(type)) return true;
  return type.fields.some((field) => isWayDown(field) && isEndless(field.message!, [...above, type]));
}

function isWayDown(field: DescField): boolean {
  return (
    field.message !== undefined && field.fieldKind !== "map" && !field.message.typeName.startsWith("google.protobuf.")
  );
}

/** A message of that depth as JSON; undefined when the type does not nest so deep. */
export function deepPlain(type: DescMessage, depth: number): Plain | undefined {
  return waysDown(type, depth - 1)?.reduceRight<Plain>(
    (inner, field) => ({ [field.name]: field.fieldKind === "list" ? [inner] : inner }),
    {},
  );
}

/** The same in protobuf. */
export function deepBytes(type: DescMessage, depth: number): Buffer | undefined {
  return waysDown(type, depth - 1)?.reduceRight<Buffer>(
    (inner, { number }) => Buffer.concat([tag(number, LENGTH), counted(inner)]),
    Buffer.alloc(0),
  );
}
