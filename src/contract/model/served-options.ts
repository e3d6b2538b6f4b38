// Refuses the start over an option that the engine does not act on: who writes a rule into the contract can rely on it.
import protobuf from "protobufjs";
import { elementOf, optionOf, valueElementOf, writtenOptions, type Element } from "./declared-options.js";
import { methodOptionNames } from "./options/method-options.js";
import { reasonOptionNames } from "./reasons.js";

/** The packages whose options the engine must act on, wherever they are. Options of others are no affair of the engine. */
const packages: ReadonlySet<string> = new Set([".lyceum.v1", ".buf.validate"]);

/**
 * Throws an Error that names element and option, for the first option of lyceum.v1 or buf.validate, or google.api.http, that
 * the engine does not act on at its place or has an unknown part, and for an option whose name refers to nothing.
 */
export function refuseUnservedOptions(root: protobuf.Root, files: readonly Element[]): void {
  for (const file of files) check(file, []);
  for (const object of root.nestedArray) checkObject(object);
}

function checkObject(object: protobuf.ReflectionObject): void {
  check(elementOf(object), servedOn(object));
  if (object instanceof protobuf.Enum)
    for (const value of Object.keys(object.values))
      check(valueElementOf(object, value), object.fullName === ".lyceum.v1.Reason" ? reasonOptionNames : []);
  if (object instanceof protobuf.Type) [...object.fieldsArray, ...object.oneofsArray].forEach(checkObject);
  if (object instanceof protobuf.Service) object.methodsArray.forEach(checkObject);
  if (object instanceof protobuf.Namespace) object.nestedArray.forEach(checkObject);
}

function servedOn(object: protobuf.ReflectionObject): readonly string[] {
  if (object instanceof protobuf.Method) return ["google.api.http", ...methodOptionNames];
  return object instanceof protobuf.Field && object.extend === undefined
    ? ["buf.validate.field", "lyceum.v1.trim", "lyceum.v1.text"]
    : [];
}

function check(element: Element, served: readonly string[]): void {
  for (const { spelling, extension } of writtenOptions(element)) {
    if (!extension) throw new Error(`${element.name}: the option ${spelling} is not declared`);
    if (!isForEngine(extension)) continue;
    const name = extension.fullName.slice(1);
    if (!served.includes(name))
      throw new Error(`${element.name}: the engine does not act on the option (${name}) here`);
    optionOf(element, name);
  }
}

function isForEngine({ fullName, parent }: protobuf.Field): boolean {
  let scope: protobuf.ReflectionObject | null = parent;
  while (scope instanceof protobuf.Type) scope = scope.parent;
  return fullName === ".google.api.http" || (scope !== null && packages.has(scope.fullName));
}
