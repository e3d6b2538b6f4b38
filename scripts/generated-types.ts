// The types that ts-proto writes, changed where they are not the types of the plain objects: ts-proto writes them for its own
// readers, which are not used here.

const duration = `\
/** A span of time in seconds with up to nine digits of a fraction, in the form of ProtoJSON: "1.500s", "-3s". */
export type Duration = string;
`;

/** The text of a generated file, by its path below src/gen, with the types of the plain objects. */
export function plainTypes(path: string, text: string): string {
  if (path === "google/protobuf/duration.ts")
    return text.replace(/^\/\*\*(?:(?!^\/\*\*)[^])*?^export interface Duration \{[^]*?^\}\n/m, duration);
  return (
    text
      // Of every map the keys are those of an object; those of bool are "true" and "false".
      .replace(/: Map<boolean, ([^>]+)>;$/gm, ": { [key: string]: $1 };")
      // A wrapper in a map is always its value.
      .replace(/^(  \w+: \{ \[key: \w+\]: [^}]+) \| undefined \};$/gm, "$1 };")
  );
}
