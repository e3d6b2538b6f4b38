// Cuts white space off the fields with the option (lyceum.v1.trim), before any rule is checked.
import protobuf from "protobufjs";
import type { Plain } from "../codecs/codec.js";
import { optionValues } from "../model/declared-options.js";

type Trim = (value: Plain) => void;

/** A function that trims, in place, the texts of a message and of the messages in it; undefined when it has none to trim. */
export function trimmer(type: protobuf.Type): Trim | undefined {
  return prepare(type, new Map());
}

/** Whether white space is cut off the texts of a field. */
export function isTrimmed(field: protobuf.Field): boolean {
  return optionValues(field, "lyceum.v1.trim").at(-1) === true;
}

function prepare(type: protobuf.Type, prepared: Map<protobuf.Type, Trim>): Trim | undefined {
  const known = prepared.get(type);
  if (known) return known;
  const steps: Trim[] = [];
  const trim: Trim = (message) => {
    for (const step of steps) step(message);
  };
  // Before its fields are prepared: a message may contain itself.
  prepared.set(type, trim);
  for (const field of type.fieldsArray) {
    const each = eachOf(field, prepared);
    if (each) steps.push((message) => change(message, field, each));
  }
  return steps.length > 0 ? trim : undefined;
}

/** The function that trims one value of a field; undefined where there is nothing to trim. */
function eachOf(field: protobuf.Field, prepared: Map<protobuf.Type, Trim>): ((value: unknown) => unknown) | undefined {
  if (isTrimmed(field)) {
    if (field.type !== "string") throw new Error(`${field.fullName.slice(1)}: only a string can be trimmed`);
    return (value) => (value as string).trim();
  }
  if (!(field.resolvedType instanceof protobuf.Type)) return undefined;
  const inner = prepare(field.resolvedType, prepared);
  return inner && ((value) => (inner(value as Plain), value));
}

function change(message: Plain, { name, repeated, map }: protobuf.Field, each: (value: unknown) => unknown): void {
  const value = message[name];
  if (value === undefined) return;
  if (repeated) {
    const list = value as unknown[];
    for (let index = 0; index < list.length; index++) list[index] = each(list[index]);
  } else if (map) {
    const entries = value as Plain;
    for (const key of Object.keys(entries)) entries[key] = each(entries[key]);
  } else message[name] = each(value);
}
