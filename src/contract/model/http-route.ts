// The route of a method: its google.api.http rule (google/api/http.proto). The engine supports one verb, one path of literal
// segments and whole-segment parameters, and as body "*", a field of type google.api.HttpBody, or none.
import type protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import { isHttpBody } from "./http-body.js";
import { fieldNamed, isAny, nestedMessageOf } from "./well-known-types.js";

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
  if (!isPathTemplate(path)) refuse(`the path ${path} is not a template that the engine knows`);
  const pathFields = pathFieldsOf(path, request, refuse);
  const body = bodyOf(rule["body"], verb, request, refuse);
  if (!body.hasBody) refuseUnboundFields(request, [...pathFields, body.bodyField], refuse);
  return { verb, path, pathFields, ...body };
}

/**
 * Whether a text is a template of a path: literal segments, and fields in braces. No segment is one that a client resolves
 * before it sends the path, as in `/a/../b`.
 */
export function isPathTemplate(text: string): boolean {
  return /^(\/(?!\.\.?(?:\/|$))([a-z0-9_.-]+|\{[a-z0-9_]+\}))+$/.test(text);
}

type Body = Pick<HttpRoute, "hasBody" | "bodyField">;

function bodyOf(body: string | undefined, verb: Verb, request: protobuf.Type, refuse: Refuse): Body {
  const takesBody = verb !== "GET" && verb !== "DELETE";
  if (body === undefined)
    return takesBody ? refuse(`${verb} needs body: "*"`) : { hasBody: false, bodyField: undefined };
  if (!takesBody) refuse(`${verb} has no body`);
  if (body === "*") return { hasBody: true, bodyField: undefined };
  if (!isHttpBody(fieldNamed(request, body)?.resolvedType))
    refuse('a body is "*", or a field of type google.api.HttpBody');
  return { hasBody: false, bodyField: body };
}

/** Every field that neither the path nor the body binds must fit into a query. */
function refuseUnboundFields(request: protobuf.Type, bound: readonly (string | undefined)[], refuse: Refuse): void {
  for (const field of request.fieldsArray.filter(({ name }) => !bound.includes(name))) {
    if (field.map || isMessage(field))
      refuse(`the field ${field.name} cannot be given: a query has no maps and no messages`);
    if (field.name === "alt" || field.jsonName === "alt")
      refuse(`the field ${field.name} cannot be given: in a query, alt is the serialization of the answer`);
  }
}

/** Whether the values of a field are no single values. */
function isMessage(field: protobuf.Field): boolean {
  return nestedMessageOf(field) !== undefined || isAny(field.resolvedType);
}

function pathFieldsOf(path: string, request: protobuf.Type, refuse: Refuse): string[] {
  const names = [...path.matchAll(/\{([a-z0-9_]+)\}/g)].map((match) => match[1]!);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) refuse(`the path has ${name} twice`);
    const field = fieldNamed(request, name);
    if (!field) return refuse(`the path parameter ${name} is not a field of ${request.name}`);
    if (field.repeated || field.map || isMessage(field.resolve())) refuse(`the path parameter ${name} is not a scalar`);
  }
  return names;
}

/** The literal segments of the paths of methods, in lower case: of `/v1/users/{user_id}/invite` these are v1, users and invite. */
export function routeWords(methods: readonly Pick<HttpRoute, "path">[]): ReadonlySet<string> {
  const segments = methods.flatMap(({ path }) => path.toLowerCase().split("/"));
  return new Set(segments.filter((segment) => segment !== "" && !segment.startsWith("{")));
}
