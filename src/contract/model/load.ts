// Reads the .proto files at start into a list of methods. Refuses what is incomplete, naming the rpc, so that a server
// that starts has a contract without holes.
import { readFileSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import protobuf from "protobufjs";
import descriptor from "protobufjs/google/protobuf/descriptor.json" with { type: "json" };
import type { Access } from "../../gen/lyceum/v1/options.js";

export type Verb = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** One rpc and its route. */
export interface Method {
  /** The rpc: `SendMessage`. */
  readonly name: string;
  /** The full name of its service: `lyceum.v1.MessageService`. */
  readonly service: string;
  /** The name of its handler: `sendMessage`. */
  readonly handler: string;
  readonly verb: Verb;
  /** The path template: `/v1/chats/{chat_id}/messages`. */
  readonly path: string;
  /** The request fields that the path binds, in order. */
  readonly pathFields: readonly string[];
  /** `body: "*"`: the request message, less its path fields, is the body, and the query holds `alt` alone. */
  readonly hasBody: boolean;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  readonly access: Exclude<Access, "ACCESS_UNSPECIFIED">;
  /** The reasons it declares, without prefix. */
  readonly reasons: readonly string[];
  /** The Location template of a method that makes a resource and answers 201. */
  readonly created: string | undefined;
  /** In bytes; undefined for the server's limit. */
  readonly maxBody: number | undefined;
  /** The path of the answer's field that holds the version of the resource: `["chat", "version"]`. */
  readonly etag: readonly string[] | undefined;
  readonly ifMatch: boolean;
  readonly failureLimit: { readonly failures: number; readonly seconds: number; readonly field: string } | undefined;
  /** The comment above the rpc. */
  readonly comment: string;
}

/** What a reason means to a client. */
export interface ReasonMeaning {
  /** Without prefix: `CHAT_NOT_FOUND`. */
  readonly reason: string;
  /** The google.rpc.Code by name. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** The comment above the value. */
  readonly comment: string;
}

export interface Contract {
  readonly root: protobuf.Root;
  /** Sorted by path, then verb. */
  readonly methods: readonly Method[];
  readonly reasons: ReadonlyMap<string, ReasonMeaning>;
  /** The message that every error is. */
  readonly problem: protobuf.Type;
  /** Each .proto file by its import path, with its text; sorted. */
  readonly files: ReadonlyMap<string, string>;
}

const verbs = { get: "GET", put: "PUT", post: "POST", patch: "PATCH", delete: "DELETE" } as const;

/**
 * Loads every .proto file below `directory`, plus `extra` ones, given as import path and text.
 * Throws an Error that names the rpc or the reason which is incomplete.
 */
export function loadContract(directory: string, extra: ReadonlyMap<string, string> = new Map()): Contract {
  const files = new Map([...readFiles(directory), ...extra].sort(([a], [b]) => compare(a, b)));
  const root = new protobuf.Root();
  for (const text of files.values()) protobuf.parse(text, root, { keepCase: true, alternateCommentMode: true });
  for (const name of ["empty", "timestamp"])
    root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
  root.addJSON(descriptor.nested);
  root.resolveAll();
  const reasons = readReasons(root);
  const methods = services(root)
    .flatMap((service) => service.methodsArray.map((rpc) => readMethod(service, rpc, reasons)))
    .sort((a, b) => compare(a.path, b.path) || compare(a.verb, b.verb));
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

function services(namespace: protobuf.NamespaceBase): protobuf.Service[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Service) return [nested];
    return nested instanceof protobuf.Namespace ? services(nested) : [];
  });
}

/**
 * What a method or a field says with an option, by the option's full name. Repeated options come one by one, hence a
 * list; empty when the option is not there. Message options are plain objects.
 */
export function optionValues(thing: protobuf.ReflectionObject, name: string): unknown[] {
  const parsed = (thing.parsedOptions ?? []) as Record<string, unknown>[];
  return parsed.flatMap((part) => (`(${name})` in part ? [part[`(${name})`]] : []));
}

function readReasons(root: protobuf.Root): Map<string, ReasonMeaning> {
  const values = root.lookupEnum("lyceum.v1.Reason");
  const meanings = new Map<string, ReasonMeaning>();
  for (const name of Object.keys(values.values)) {
    if (name === "REASON_UNSPECIFIED") continue;
    const options = values.valuesOptions?.[name] ?? {};
    const [code, status, title] = ["code", "status", "title"].map((key) => options[`(lyceum.v1.${key})`] as unknown);
    if (typeof code !== "string" || typeof status !== "number" || typeof title !== "string")
      throw new Error(`${name} needs the options code, status and title`);
    const reason = name.replace(/^REASON_/, "");
    meanings.set(reason, { reason, code, status, title, comment: values.comments[name] ?? "" });
  }
  return meanings;
}

function readMethod(
  service: protobuf.Service,
  rpc: protobuf.Method,
  meanings: ReadonlyMap<string, ReasonMeaning>,
): Method {
  const fullName = `${service.fullName.slice(1)}.${rpc.name}`;
  const refuse = (why: string): never => {
    throw new Error(`${fullName}: ${why}`);
  };
  const option = (name: string): unknown => optionValues(rpc, `lyceum.v1.${name}`).at(-1);

  if (rpc.requestStream || rpc.responseStream) refuse("streams cannot be served over plain HTTP");
  const [request, response] = [rpc.resolvedRequestType, rpc.resolvedResponseType];
  if (!request || !response) return refuse("its messages cannot be found");

  const rule = optionValues(rpc, "google.api.http").at(-1) as Record<string, string> | undefined;
  if (!rule) return refuse("no google.api.http route");
  const patterns = Object.entries(verbs).filter(([key]) => key in rule);
  const [pattern] = patterns;
  if (patterns.length !== 1 || !pattern) return refuse("a route has exactly one verb");
  const unknown = Object.keys(rule).find((name) => !(name in verbs) && name !== "body");
  if (unknown !== undefined) refuse(`the engine does not know ${unknown} of a route`);
  const [key, verb] = pattern;
  const path = rule[key]!;
  if (!/^(\/([a-z0-9_.-]+|\{[a-z0-9_]+\}))+$/.test(path))
    refuse(`the path ${path} is not a template that the engine knows`);
  if (rule["body"] !== undefined && rule["body"] !== "*") refuse('a body is "*" or nothing');
  const hasBody = rule["body"] === "*";
  if (hasBody && (verb === "GET" || verb === "DELETE")) refuse(`${verb} has no body`);
  if (!hasBody && verb !== "GET" && verb !== "DELETE") refuse(`${verb} needs body: "*"`);

  const pathFields = [...path.matchAll(/\{([a-z0-9_]+)\}/g)].map((match) => match[1]!);
  for (const name of pathFields) {
    const field = request.fields[name];
    if (!field) return refuse(`the path parameter ${name} is not a field of ${request.name}`);
    if (field.repeated || field.map || field.resolvedType) refuse(`the path parameter ${name} is not a scalar`);
  }

  const access = option("access") as Method["access"] | "ACCESS_UNSPECIFIED" | undefined;
  if (access === undefined || access === "ACCESS_UNSPECIFIED") return refuse("no (lyceum.v1.access)");
  if (!(access in rpc.root.lookupEnum("lyceum.v1.Access").values)) refuse(`${access} is no access`);
  const reasons = optionValues(rpc, "lyceum.v1.reason").map((name) => String(name).replace(/^REASON_/, ""));
  for (const reason of reasons) if (!meanings.has(reason)) refuse(`REASON_${reason} is not in problem.proto`);

  const created = option("created") as string | undefined;
  for (const [, name] of (created ?? "").matchAll(/\{([^}]*)\}/g)) {
    if (!response.fields[name!] && !request.fields[name!]) refuse(`created names ${name}, which is not a field`);
  }
  const etag = option("etag") as string | undefined;
  if (etag !== undefined && verb !== "GET") refuse("only a GET has an ETag");
  if (etag !== undefined) refuseUnknownField(response, etag, refuse);
  const ifMatch = option("if_match") === true;
  if (ifMatch && verb !== "PATCH" && verb !== "DELETE") refuse("only PATCH and DELETE obey If-Match");
  const failureLimit = option("failure_limit") as Method["failureLimit"];
  if (failureLimit && !request.fields[failureLimit.field]) refuse(`failure_limit counts by a field that is not there`);

  return {
    name: rpc.name,
    service: service.fullName.slice(1),
    handler: rpc.name[0]!.toLowerCase() + rpc.name.slice(1),
    verb,
    path,
    pathFields,
    hasBody,
    request,
    response,
    access,
    reasons,
    created,
    maxBody: option("max_body") as number | undefined,
    etag: etag?.split("."),
    ifMatch,
    failureLimit,
    comment: rpc.comment ?? "",
  };
}

function refuseUnknownField(type: protobuf.Type, path: string, refuse: (why: string) => never): void {
  let here: protobuf.Type | undefined = type;
  for (const name of path.split(".")) {
    const field: protobuf.Field | undefined = here?.fields[name];
    if (!field) return refuse(`${path} is not a field of ${type.name}`);
    here = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  }
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
