// The custom options of the elements of a contract: of files, messages, fields, oneofs, enums, their values, services and
// methods. An option is known by the full name of its extension, whatever the spelling.
import protobuf from "protobufjs";
import { findExtension } from "./option-names.js";
import { readOption } from "./option-value.js";

/** An element that has options. */
export interface Element {
  /** `lyceum.v1.Message.text` */
  readonly name: string;
  /** The innermost scope in which the names of its options are looked up. */
  readonly scope: protobuf.ReflectionObject | null;
  /** The options as they are written, `{ "(v1.trim)": true }`; one for each time. */
  readonly written: readonly Readonly<Record<string, unknown>>[];
}

/** The pieces in which one option of an element is written, by the full name of its extension. */
export interface WrittenOption {
  /** The name as it is written, with parentheses. */
  readonly spelling: string;
  /** Undefined when the name refers to none. */
  readonly extension: protobuf.Field | undefined;
  readonly value: unknown;
}

/** The custom options of an element, as they are written; with `own` those whose names end with this part. */
export function writtenOptions({ written, scope }: Element, own = ""): WrittenOption[] {
  return written.flatMap((part) =>
    Object.entries(part).flatMap(([spelling, value]) => {
      if (!spelling.startsWith("(") || !spelling.endsWith(`${own})`)) return [];
      return [{ spelling, value, extension: findExtension(spelling.slice(1, -1), scope) }];
    }),
  );
}

/** A declared object with its options. */
export function elementOf(declared: protobuf.ReflectionObject): Element {
  const written = (declared.parsedOptions ?? []) as Record<string, unknown>[];
  return { name: declared.fullName.slice(1), scope: declared.parent, written };
}

/** A value of an enum with its options. */
export function valueElementOf(type: protobuf.Enum, name: string): Element {
  // `(option).part.part` by its whole name: protobufjs keeps the options of enum values in no other form.
  const flat = Object.entries((type.valuesOptions?.[name] ?? {}) as Record<string, unknown>);
  const written = flat.map(([spelling, value]) => {
    const [option = "", ...parts] = spelling.split(/(?<=\))\.|\.(?![^(]*\))/);
    return { [option]: parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) };
  });
  return { name: `${type.fullName.slice(1)}.${name}`, scope: type.parent, written };
}

/**
 * The values of a custom option by the full name of its extension (`lyceum.v1.access`). A repeated option has one value for
 * each time that it is written; the list is empty when the option is absent. The value of a message option is a plain object.
 * Throws an Error that names the element for a value of another type than the extension's.
 */
export function optionValues(declared: protobuf.ReflectionObject, name: string): readonly unknown[] {
  if (!declared.parsedOptions) return [];
  const known = valuesOf.get(declared) ?? new Map<string, readonly unknown[]>();
  valuesOf.set(declared, known);
  const values = known.get(name) ?? optionOf(elementOf(declared), name);
  known.set(name, values);
  return values;
}

/** What was read already, by the name of the option: a method is asked for twenty, and a field for one whenever it is described. */
const valuesOf = new WeakMap<protobuf.ReflectionObject, Map<string, readonly unknown[]>>();

/** The same for an element. */
export function optionOf(element: Element, name: string): unknown[] {
  const own = name.slice(name.lastIndexOf(".") + 1);
  const pieces = writtenOptions(element, own).filter(({ extension }) => extension?.fullName === `.${name}`);
  const [first] = pieces;
  if (!first) return [];
  const values = pieces.map(({ value }) => value);
  return readOption(first.extension!, values, `${element.name}: the option (${name})`);
}
