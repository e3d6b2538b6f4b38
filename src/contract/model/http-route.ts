// The route of a method: its google.api.http rule (google/api/http.proto). The engine supports one verb, one path of literal
// segments and whole-segment parameters, and as body "*", a field of type google.api.HttpBody, or none.
import type protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import { isHttpBody } from "./http-body.js";
import { nestedMessageOf } from "./well-known-types.js";

export type Verb = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** Refuses the contract: throws an Error with the method and the reason `why`. */
export type Refuse = (why: string) => never;

export interface HttpRoute {
  readonly verb: Verb;
  /** The path template: `/v1/chats/{chat_id}/messages`. */
  readonly path: string;
  /** The request fields that the path binds, in order. */
  readonly pathFields: readonly string[];
  /** `body: "*"`: the body is the request message without its path fields, and the query has no parameter but `alt`. */
  readonly hasBody: boolean;
  /** `body: "picture"`: the field of type google.api.HttpBody that receives a body which is not a message. */
  readonly bodyField: string | undefined;
}

const verbs = { get: "GET", put: "PUT", post: "POST", patch: "PATCH", delete: "DELETE" } as const;

/** Reads the route of a method. Refuses a route that the engine does not support. */
export function readRoute(rpc: protobuf.Method, request: protobuf.Type, refuse: Refuse): HttpRoute {
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
  const pathFields = pathFieldsOf(path, request, refuse);
  const route = { verb, path, pathFields, bodyField: undefined };
  const body = rule["body"];
  const takesBody = verb !== "GET" && verb !== "DELETE";
  if (body === undefined) return takesBody ? refuse(`${verb} needs body: "*"`) : { ...route, hasBody: false };
  if (!takesBody) refuse(`${verb} has no body`);
  if (body === "*") return { ...route, hasBody: true };
  if (!isHttpBody(request.fields[body]?.resolvedType)) refuse('a body is "*", or a field of type google.api.HttpBody');
  return { ...route, hasBody: false, bodyField: body };
}

function pathFieldsOf(path: string, request: protobuf.Type, refuse: Refuse): string[] {
  const names = [...path.matchAll(/\{([a-z0-9_]+)\}/g)].map((match) => match[1]!);
  for (const name of names) {
    const field = request.fields[name];
    if (!field) return refuse(`the path parameter ${name} is not a field of ${request.name}`);
    if (field.repeated || field.map || nestedMessageOf(field.resolve()))
      refuse(`the path parameter ${name} is not a scalar`);
  }
  return names;
}
