// Reads the .proto files at start into a list of methods. Throws an Error for an incomplete method, so that every server that
// starts has a complete contract.
import { readFileSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import protobuf from "protobufjs";
import descriptor from "protobufjs/google/protobuf/descriptor.json" with { type: "json" };
import type { Element } from "./declared-options.js";
import { readMethod, type Method } from "./method.js";
import { refuseMisreadText } from "./misread-text.js";
import { readReasons, type ReasonMeaning } from "./reasons.js";
import { refuseUnservedOptions } from "./served-options.js";
import { tagOf } from "./tags.js";

export interface Contract {
  readonly root: protobuf.Root;
  /** Sorted by path, then verb. */
  readonly methods: readonly Method[];
  readonly reasons: ReadonlyMap<string, ReasonMeaning>;
  /** The message type of every error. */
  readonly problem: protobuf.Type;
  /** Each .proto file by its import path, with its text; sorted. */
  readonly files: ReadonlyMap<string, string>;
}

/** The contract that was read last: to read one takes as long as all else at the start of a server. */
let last: Contract | undefined;

/**
 * Loads every .proto file below `directory`, and `extra` ones by import path and text. Throws an Error that names the
 * incomplete rpc or reason, or the element with an option that the engine does not act on. When the texts are those of the
 * call before, it returns the same contract.
 */
export function loadContract(directory: string, extra: ReadonlyMap<string, string> = new Map()): Contract {
  const files = new Map([...readFiles(directory), ...extra].sort(([a], [b]) => compare(a, b)));
  if (last === undefined || !isSame(files, last.files)) last = readContract(files);
  return last;
}

function isSame(files: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean {
  return files.size === others.size && [...files].every(([name, text]) => others.get(name) === text);
}

function readContract(files: ReadonlyMap<string, string>): Contract {
  const root = new protobuf.Root();
  const fileElements = [...files].map(([name, text]) => parseFile(root, name, text));
  // Types that are not supported are loaded too, so that a field of such a type is refused by name.
  for (const name of ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"])
    root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
  root.addJSON(descriptor.nested);
  root.resolveAll();
  refuseUnservedOptions(root, fileElements);
  const reasons = readReasons(root);
  const methods = services(root)
    .flatMap((service) => service.methodsArray.map((rpc) => readMethod(service, rpc, reasons)))
    .sort((a, b) => compare(a.path, b.path) || compare(a.verb, b.verb))
    .map((method, _, all) => Object.assign({}, method, { etag: tagOf(method, all) }));
  refuseSharedRoutes(methods);
  return { root, methods, reasons, problem: root.lookupType("lyceum.v1.Problem"), files };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readFiles(directory: string): [string, string][] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".proto"))
    .map((name) => [name.split(sep).join("/"), readFileSync(join(directory, name), "utf8")]);
}

/** Adds a file to the root, and takes the options of the file itself: protobufjs gives those of all files to the package. */
function parseFile(root: protobuf.Root, name: string, text: string): Element {
  refuseMisreadText(name, text);
  const { package: packageName } = protobuf.parse(text, root, { keepCase: true, alternateCommentMode: true });
  const scope = (packageName === undefined ? null : root.lookup(packageName)) ?? root;
  // Those above the package statement are the root's.
  const written = [root, scope].flatMap((holder) => (holder.parsedOptions ?? []) as Record<string, unknown>[]);
  for (const holder of [root, scope]) delete holder.parsedOptions;
  return { name, scope, written };
}

function services(namespace: protobuf.NamespaceBase): protobuf.Service[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Service) return [nested];
    return nested instanceof protobuf.Namespace ? services(nested) : [];
  });
}

function refuseSharedRoutes(methods: readonly Method[]): void {
  const taken = new Map<string, Method>();
  for (const method of methods) {
    const route = `${method.verb} ${method.path.replace(/\{[^}]+\}/g, "{}")}`;
    const other = taken.get(route);
    if (other)
      throw new Error(`${method.service}.${method.name}: ${other.service}.${other.name} has the same route, ${route}`);
    taken.set(route, method);
  }
}
