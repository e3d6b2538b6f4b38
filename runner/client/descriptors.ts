// The contract from a client's point of view: its descriptors, the google.api.http routes of its methods, and the options
// of the contract. Knows no server and no particular contract.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import {
  createFileRegistry,
  fromBinary,
  type DescEnum,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { optionsOf, type Options } from "./options.js";

/** One method and its route. */
export interface Rpc {
  /** The method, in lower camel case: `getShelf`. */
  readonly name: string;
  /** The same in the contract: `GetShelf`. */
  readonly declaredName: string;
  readonly verb: string;
  /** The path template: `/v1/shelves/{shelf_id}`. */
  readonly path: string;
  /** The request fields in the path, in order. */
  readonly pathFields: readonly string[];
  /** Whether all fields that are not in the path are the body; else they are the query. */
  readonly hasBody: boolean;
  /** The field of type google.api.HttpBody that is the body as it is; undefined when the body is a message. */
  readonly bodyField: string | undefined;
  /** Whether the fields of the request are the parameters of a form, which is the body. `hasBody` is then false. */
  readonly isForm: boolean;
  /** The media types of a body that is no message. */
  readonly consumes: readonly string[];
  /** Whether the body may be of any media type, is read while it arrives, and takes no Idempotency-Key. */
  readonly isStreamedUpload: boolean;
  /** The media types of an answer that is no message: google.api.HttpBody, or a stream of events. */
  readonly produces: readonly string[];
  /** Whether the answer may be of any media type, whatever Accept says, and in the ranges that are asked for. */
  readonly isStreamedDownload: boolean;
  /** Whether the answer is a stream of messages, as server-sent events. */
  readonly isStream: boolean;
  /** The field of a streamed message that is the id of its event, and of the request that takes the last one; undefined without ids. */
  readonly resumedBy: string | undefined;
  /** Whether the answer is no message, and is sent while it is made: without a length and an ETag. */
  readonly isStreamed: boolean;
  readonly request: DescMessage;
  readonly response: DescMessage;
  /** The access that the contract declares, `ACCESS_USER`; empty when it declares none. */
  readonly access: string;
  /** Whether it may be called without credentials: the access is `..._PUBLIC`, or none is declared. */
  readonly isPublic: boolean;
  /** The scopes that an API key needs, all of them; empty when the contract declares none. */
  readonly scopes: readonly string[];
  /** Whether no API key may call it: its scope is `..._NONE`. */
  readonly isForNoKey: boolean;
  /** The status of success: 204 without a message, 201 when a resource is created, else 200. */
  readonly success: 200 | 201 | 204;
  /** The template of the Location of a created resource. */
  readonly created: string | undefined;
  /** The path of the version in an answer with an ETag; empty where the answer has an ETag and no version. */
  readonly etag: string | undefined;
  /** Whether it supports If-Match. */
  readonly ifMatch: boolean;
  /** The largest body in bytes, where it differs from the general limit. */
  readonly maxBody: number | undefined;
  /** The request field by which failed attempts are counted and limited. */
  readonly guarded: string | undefined;
  /** The bounds on the rate of its requests that it declares. */
  readonly rates: readonly { readonly requests: number; readonly seconds: number }[];
  /** The reasons that it declares, without their prefix. */
  readonly reasons: readonly string[];
}

/** The meaning of a reason of a Problem. */
export interface ReasonMeaning {
  readonly reason: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

export interface Descriptors {
  readonly registry: FileRegistry;
  /** By name. */
  readonly rpcs: ReadonlyMap<string, Rpc>;
  /** The message of every error: the contract's message named Problem. */
  readonly problem: DescMessage;
  /** By name, without prefix; empty when the contract has no enum named Reason. */
  readonly reasons: ReadonlyMap<string, ReasonMeaning>;
  readonly options: Options;
}

/** Builds the descriptor set of the .proto files below `directory`, with buf. Rejects with the errors of buf. */
export async function buildDescriptorSet(directory: string): Promise<Uint8Array> {
  const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
  const { stdout } = await promisify(execFile)(process.execPath, [buf, "build", directory, "-o", "-"], {
    encoding: "buffer",
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** The media type of a form of parameters (the URL standard, section 5). */
export const parametersType = "application/x-www-form-urlencoded";

/** The media type of a stream of events (the HTML standard, section 9.2). */
const eventStream = "text/event-stream";

/** The media type of a body that may be of any. */
const anyType = "*/*";

/** Reads a serialized google.protobuf.FileDescriptorSet. Throws an Error when a method has no route or Problem is missing. */
export function readDescriptors(descriptorSet: Uint8Array): Descriptors {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  let problem: DescMessage | undefined;
  let reasons: DescEnum | undefined;
  for (const type of registry) {
    if (type.kind === "message" && type.name === "Problem") problem = type;
    if (type.kind === "enum" && type.name === "Reason") reasons = type;
  }
  if (!problem) throw new Error("The descriptor set has no message named Problem");
  const options = optionsOf(registry, problem.file.proto.package);
  const rpcs = new Map<string, Rpc>();
  for (const type of registry) {
    if (type.kind !== "service") continue;
    for (const method of type.methods) rpcs.set(method.localName, readRpc(method, options));
  }
  for (const [name, rpc] of rpcs) rpcs.set(name, { ...rpc, etag: rpc.etag ?? versionOfChange(rpc, rpcs) });
  return { registry, rpcs, problem, reasons: readReasons(reasons, options), options };
}

function readRpc(method: DescMethod, options: Options): Rpc {
  const rule = options.method(method, "http") as
    | { pattern?: { case?: string; value?: string }; body?: string }
    | undefined;
  const { case: verb, value: path } = rule?.pattern ?? {};
  if (!verb || !path) throw new Error(`${method.parent.typeName}.${method.name} has no route`);
  const isStream = method.methodKind === "server_streaming";
  const produces = isStream ? [eventStream] : ((options.method(method, "produces") ?? []) as string[]);
  const access = options.nameOf("access", options.method(method, "access"));
  const isPublic = access === "" || access.endsWith("_PUBLIC");
  const scopes = ((options.method(method, "scope") ?? []) as number[]).map((scope) => options.nameOf("scope", scope));
  const isEmpty = method.output.typeName === "google.protobuf.Empty";
  const isKept = verb.toUpperCase() === "GET" && produces.length === 0 && !isEmpty && !isPublic;
  const created = (options.method(method, "created") as string | undefined) || undefined;
  const limit = options.method(method, "failure_limit") as { field?: string } | undefined;
  const isForm = options.method(method, "oauth_form") === true;
  const reasons = (options.method(method, "reason") ?? []) as number[];
  const consumes = isForm ? [parametersType] : ((options.method(method, "consumes") ?? []) as string[]);
  return {
    name: method.localName,
    declaredName: method.name,
    verb: verb.toUpperCase(),
    path,
    pathFields: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!),
    hasBody: rule?.body === "*" && !isForm,
    isForm,
    bodyField: rule?.body !== undefined && rule.body !== "*" && rule.body !== "" ? rule.body : undefined,
    consumes,
    isStreamedUpload: consumes.includes(anyType),
    produces,
    isStreamedDownload: produces.includes(anyType),
    isStream,
    resumedBy: (options.method(method, "resumed_by") as string | undefined) || undefined,
    isStreamed: options.method(method, "streamed") === true,
    request: method.input,
    response: method.output,
    access,
    isPublic,
    scopes,
    isForNoKey: scopes.some((scope) => scope.endsWith("_NONE")),
    success: isEmpty ? 204 : created ? 201 : 200,
    created,
    etag: (options.method(method, "etag") as string | undefined) || (isKept ? "" : undefined),
    ifMatch: options.method(method, "if_match") === true,
    maxBody: (options.method(method, "max_body") as number | undefined) || undefined,
    guarded: limit?.field || undefined,
    rates: (options.method(method, "rate") ?? []) as Rpc["rates"],
    reasons: reasons.map((number) => options.shortNameOf("reason", number)),
  };
}

/** The method that reads what is at a path or at the template of a Location, whatever its path fields are called. */
export function readerOf({ rpcs }: Pick<Descriptors, "rpcs">, path: string): Rpc | undefined {
  const shape = (one: string): string => one.replace(/\{\w+\}/g, "{}");
  return [...rpcs.values()].find((other) => other.verb === "GET" && shape(other.path) === shape(path));
}

/**
 * The path of the version in the answer to a change: the answer is what a GET at its Location or path returns, or the part of
 * that which has the version. Undefined for other changes, and for PUT.
 */
function versionOfChange({ verb, path, created, response }: Rpc, rpcs: Descriptors["rpcs"]): string | undefined {
  const read = verb === "POST" || verb === "PATCH" ? readerOf({ rpcs }, created ?? path) : undefined;
  if (!read?.etag) return undefined;
  if (read.response === response) return read.etag;
  const [holder, ...rest] = read.etag.split(".");
  const isHeld = read.response.fields.find(({ name }) => name === holder)?.message === response;
  return isHeld ? rest.join(".") : undefined;
}

function readReasons(reasons: DescEnum | undefined, options: Options): ReadonlyMap<string, ReasonMeaning> {
  const meanings = new Map<string, ReasonMeaning>();
  for (const value of reasons?.values ?? []) {
    const status = options.enumValue(value, "status") as number | undefined;
    if (!status) continue;
    const code = options.nameOf("code", options.enumValue(value, "code"));
    const title = (options.enumValue(value, "title") ?? "") as string;
    meanings.set(value.localName, { reason: value.localName, code, status, title });
  }
  return meanings;
}
