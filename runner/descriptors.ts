// The contract as a client sees it: the descriptor set, and the routes that google.api.http gives to its methods.
// It knows no server and no contract in particular.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import {
  createFileRegistry,
  fromBinary,
  getOption,
  type DescExtension,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** One method and its route. */
export interface Rpc {
  /** The method, in lower camel case: `getShelf`. */
  readonly name: string;
  readonly verb: string;
  /** The path template: `/v1/shelves/{shelf_id}`. */
  readonly path: string;
  /** The request fields in the path, in order. */
  readonly pathFields: readonly string[];
  /** Whether the rest of the request is the body; else it is the query. */
  readonly hasBody: boolean;
  readonly request: DescMessage;
  readonly response: DescMessage;
}

export interface Descriptors {
  readonly registry: FileRegistry;
  /** By name. */
  readonly rpcs: ReadonlyMap<string, Rpc>;
  /** What every error is: the contract's message named Problem. */
  readonly problem: DescMessage;
}

/** Builds the descriptor set of the .proto files below `directory`, with buf. Throws what buf has to say. */
export async function buildDescriptorSet(directory: string): Promise<Uint8Array> {
  const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
  const { stdout } = await promisify(execFile)(process.execPath, [buf, "build", directory, "-o", "-"], {
    encoding: "buffer",
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Reads a serialized google.protobuf.FileDescriptorSet. Throws an Error when a method has no route or Problem is missing. */
export function readDescriptors(descriptorSet: Uint8Array): Descriptors {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  const http = registry.getExtension("google.api.http");
  if (!http) throw new Error("The descriptor set has no google.api.http: its routes cannot be read");
  const rpcs = new Map<string, Rpc>();
  let problem: DescMessage | undefined;
  for (const type of registry) {
    if (type.kind === "message" && type.name === "Problem") problem = type;
    if (type.kind !== "service") continue;
    for (const method of type.methods) rpcs.set(method.localName, readRpc(method, http));
  }
  if (!problem) throw new Error("The descriptor set has no message named Problem");
  return { registry, rpcs, problem };
}

function readRpc(method: DescMethod, http: DescExtension): Rpc {
  const rule = getOption(method, http) as { pattern?: { case?: string; value?: string }; body?: string };
  const { case: verb, value: path } = rule.pattern ?? {};
  if (!verb || !path) throw new Error(`${method.parent.typeName}.${method.name} has no route`);
  return {
    name: method.localName,
    verb: verb.toUpperCase(),
    path,
    pathFields: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!),
    hasBody: rule.body === "*",
    request: method.input,
    response: method.output,
  };
}
