// The cases of a copy of a service: the same steps, with the methods and the paths of the copy.
import type { CaseFile } from "../../runner/cases/case.js";

/** The name of a method, a service or an rpc in a copy. */
export function copiedName(name: string, copy: number): string {
  return `${name}Copy${copy}`;
}

/** A route of a copy. */
export function copiedPath(path: string, copy: number): string {
  return `/copy${copy}${path}`;
}

/** The cases of a file for a copy of its methods. */
export function copiedCases(file: CaseFile, copy: number): CaseFile {
  const changed = copied(file, copy) as CaseFile;
  const cases = Object.entries(changed.cases).map(([method, all]) => [copiedName(method, copy), all] as const);
  return { ...changed, subject: `${file.subject}, copy ${copy}`, cases: Object.fromEntries(cases) };
}

/** The data of cases with other methods and other paths; a JSON pointer, which is no path, stays as it is. */
function copied(value: unknown, copy: number, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => copied(item, copy));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copied(inner, copy, name)]));
  if (typeof value !== "string") return value;
  if (key === "call") return copiedName(value, copy);
  return ["path", "location", "instance"].includes(key) && value.startsWith("/") ? copiedPath(value, copy) : value;
}
