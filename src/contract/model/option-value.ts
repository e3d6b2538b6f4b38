// Reads the value of an option as the type of its extension has it. Throws an Error for a value of another type and for a part
// that the type does not have, so that nothing in an option is ignored.
import protobuf from "protobufjs";
import { fieldNamed } from "./well-known-types.js";

/**
 * The values of an option that is written in one or more pieces: one value for an option that is not repeated, whose messages
 * are merged. Enums are names; empty lists are left out. `where` names the element and the option in an Error.
 */
export function readOption(field: protobuf.Field, pieces: readonly unknown[], where: string): unknown[] {
  const type = field.resolve().resolvedType;
  if (field.repeated) return pieces.flat().map((each) => readSingle(field, [each], where));
  if (!(type instanceof protobuf.Type) && pieces.length > 1) throw new Error(`${where} is written twice`);
  return [readSingle(field, pieces, where)];
}

function readSingle({ type, resolvedType }: protobuf.Field, pieces: readonly unknown[], where: string): unknown {
  if (resolvedType instanceof protobuf.Type) return readMessage(resolvedType, pieces, where);
  const [value] = pieces;
  if (resolvedType instanceof protobuf.Enum) {
    const name = typeof value === "number" ? resolvedType.valuesById[value] : value;
    if (typeof name === "string" && Object.hasOwn(resolvedType.values, name)) return name;
    throw new Error(`${where}: ${String(value)} is not in ${resolvedType.name}`);
  }
  const wanted = type === "string" ? "string" : type === "bool" ? "boolean" : "number";
  if (typeof value !== wanted) throw new Error(`${where}: ${String(value)} is no ${type}`);
  if (/\d$/.test(type) && !Number.isSafeInteger(value))
    throw new Error(`${where}: ${String(value)} is not a safe integer`);
  return value;
}

function readMessage(type: protobuf.Type, pieces: readonly unknown[], where: string): Record<string, unknown> {
  const parts = new Map<string, unknown[]>();
  for (const piece of pieces.flat()) {
    if (typeof piece !== "object" || piece === null) throw new Error(`${where}: ${String(piece)} is no ${type.name}`);
    for (const [name, value] of Object.entries(piece)) parts.set(name, (parts.get(name) ?? []).concat(value));
  }
  const message: Record<string, unknown> = {};
  for (const [name, values] of parts) {
    const field = fieldNamed(type, name);
    if (!field) throw new Error(`${where}.${name} is not known`);
    const read = readOption(field, values, `${where}.${name}`);
    if (read.length > 0) message[name] = field.repeated ? read : read[0];
  }
  return message;
}
