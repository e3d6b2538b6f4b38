// The types that ts-proto writes, changed where they are not the types of the plain objects: ts-proto writes them for its own
// readers, which are not used here.
import { dirname } from "node:path";
import protobuf from "protobufjs";
import { keywordsOf } from "../src/contract/validation/rules.js";

/** The types by their files. */
const replaced: Readonly<Record<string, readonly [name: string, text: string]>> = {
  "google/protobuf/duration.ts": [
    "Duration",
    `\
/** A span of time in seconds with up to nine digits of a fraction, in the form of ProtoJSON: "1.500s", "-3s". */
export type Duration = string;
`,
  ],
  "google/protobuf/any.ts": [
    "Any",
    `\
/**
 * A message of the contract: its fields beside its type URL, such as "type.googleapis.com/lyceum.v1.User". A Timestamp, a
 * Duration, a wrapper or another Any is in \`value\`. One that is empty has nothing.
 */
export interface Any {
  "@type"?: string;
  [field: string]: unknown;
}
`,
  ],
};

/** Whether a field is `(buf.validate.field).required`, by its name and that of its interface: `lyceum.v1.Chat`. */
export type IsRequired = (message: string, field: string) => boolean;

/** The rules of a contract: a message that is required is always there, since a request without it is refused. */
export function requiredFields(root: protobuf.Root): IsRequired {
  const required = new Set<string>();
  const visit = (parent: protobuf.NamespaceBase, name: string): void => {
    for (const type of parent.nestedArray) {
      if (!(type instanceof protobuf.Namespace)) continue;
      // An interface has the name of the package, and behind it those of the messages, joined.
      const inner = name === "" ? type.name : `${name}${parent instanceof protobuf.Type ? "_" : "."}${type.name}`;
      if (type instanceof protobuf.Type)
        for (const field of type.fieldsArray) if (keywordsOf(field).isRequired) required.add(`${inner}.${field.name}`);
      visit(type, inner);
    }
  };
  visit(root, "");
  return (message, field) => required.has(`${message}.${field}`);
}

/** The text of a generated file, by its path below src/gen, with the types of the plain objects. */
export function plainTypes(path: string, text: string, isRequired: IsRequired): string {
  const [name, type] = replaced[path] ?? [];
  if (type !== undefined)
    return text.replace(
      new RegExp(String.raw`^/\*\*(?:(?!^/\*\*)[^])*?^export interface ${name} \{[^]*?^\}\n`, "m"),
      () => type,
    );
  return (
    text
      // Of every map the keys are those of an object; those of bool are "true" and "false".
      .replace(/: Map<boolean, ([^>]+)>;$/gm, ": { [key: string]: $1 };")
      // A wrapper in a map is always its value.
      .replace(/^(  \w+: \{ \[key: \w+\]: [^}]+) \| undefined \};$/gm, "$1 };")
      .replace(/^export interface (\w+) \{\n[^]*?^\}/gm, (type, name: string) => {
        const message = `${dirname(path).replaceAll("/", ".")}.${name}`;
        return type.replace(/^  (\w+)\??:\s+(?:\| )?(\w+)\s+\| undefined;$/gm, (line, field: string, value: string) =>
          isRequired(message, field) ? `  ${field}: ${value};` : line,
        );
      })
  );
}
