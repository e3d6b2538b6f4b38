// The options that a contract writes on its methods, fields and enum values, found by the short name of their extension:
// `access` is `(anything.access)`. So the same runner reads the contract of another package.
import {
  getOption,
  type DescEnumValue,
  type DescExtension,
  type DescField,
  type DescMethod,
  type FileRegistry,
} from "@bufbuild/protobuf";

export interface Options {
  /** What an option says; undefined when the contract has no such option. An enum is its number, a list an array. */
  method(of: DescMethod, name: string): unknown;
  field(of: DescField, name: string): unknown;
  enumValue(of: DescEnumValue, name: string): unknown;
  /** The name of a number in the enum that a method's or an enum value's option has as its type; empty when there is none. */
  nameOf(option: string, number: unknown): string;
  /** The same without the prefix that all names of the enum share. */
  shortNameOf(option: string, number: unknown): string;
}

/** Finds the extensions of a contract. Throws an Error when it has no google.api.http: routes could not be read. */
export function optionsOf(registry: FileRegistry): Options {
  const extensions = new Map<string, DescExtension>();
  for (const type of registry)
    if (type.kind === "extension") extensions.set(`${type.extendee.typeName}.${type.name}`, type);
  const find = (kind: string, name: string): DescExtension | undefined =>
    extensions.get(`google.protobuf.${kind}Options.${name}`);
  if (!find("Method", "http")) throw new Error("The descriptor set has no google.api.http: its routes cannot be read");
  const valueOf = (kind: string, name: string, of: DescMethod | DescField | DescEnumValue): unknown => {
    const extension = find(kind, name);
    return extension && getOption(of as DescMethod, extension);
  };
  const enumValueOf = (option: string, number: unknown): DescEnumValue | undefined => {
    const extension = find("Method", option) ?? find("EnumValue", option);
    return extension?.enum?.values.find((value) => value.number === number);
  };
  return {
    method: (of, name) => valueOf("Method", name, of),
    field: (of, name) => valueOf("Field", name, of),
    enumValue: (of, name) => valueOf("EnumValue", name, of),
    nameOf: (option, number) => enumValueOf(option, number)?.name ?? "",
    shortNameOf: (option, number) => enumValueOf(option, number)?.localName ?? "",
  };
}
