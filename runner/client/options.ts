// The options of a contract on its methods, fields and enum values, found by the short name of their extension: `access` is
// `(anything.access)`. So the runner can read the contract of any package. Of several extensions with one short name, that of the
// contract's own package counts.
import {
  getOption,
  type DescEnumValue,
  type DescExtension,
  type DescField,
  type DescMethod,
  type FileRegistry,
} from "@bufbuild/protobuf";

export interface Options {
  /** The value of an option; undefined when the contract has no such option. An enum is its number, a list an array. */
  method(of: DescMethod, name: string): unknown;
  field(of: DescField, name: string): unknown;
  enumValue(of: DescEnumValue, name: string): unknown;
  /** The name of a number in the enum that is the type of an option; empty when it has none. */
  nameOf(option: string, number: unknown): string;
  /** The same without the common prefix of the enum's names. */
  shortNameOf(option: string, number: unknown): string;
}

/**
 * Finds the extensions of a contract, whose own package is `home`. Throws an Error when it has no google.api.http, since it
 * then has no routes.
 */
export function optionsOf(registry: FileRegistry, home: string): Options {
  const extensions = new Map<string, DescExtension>();
  const isFirst = ({ typeName, name }: DescExtension): boolean =>
    [`${home}.${name}`, "google.api.http", "buf.validate.field"].includes(typeName);
  for (const type of registry) {
    if (type.kind !== "extension") continue;
    const key = `${type.extendee.typeName}.${type.name}`;
    if (isFirst(type) || !extensions.has(key)) extensions.set(key, type);
  }
  const find = (kind: string, name: string): DescExtension | undefined =>
    extensions.get(`google.protobuf.${kind}Options.${name}`);
  if (!find("Method", "http")) throw new Error("The descriptor set has no google.api.http: its routes cannot be read");
  const valueOf = (kind: string, name: string, of: DescMethod | DescField | DescEnumValue): unknown => {
    const extension = find(kind, name);
    return extension && getOption(of as DescMethod, extension);
  };
  const enumValueOf = (option: string, number: unknown): DescEnumValue | undefined => {
    const extension = find("Method", option) ?? find("EnumValue", option) ?? find("Field", option);
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
