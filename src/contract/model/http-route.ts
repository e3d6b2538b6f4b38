// The route of a method: its google.api.http rule (google/api/http.proto), of which the engine serves one verb, one path of
// literal segments and whole-segment parameters, and the body "*" or none.
import type protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import { nestedMessageOf } from "./well-known-types.js";

export type Verb = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** Refuses the contract, naming the method. */
export type Refuse = (why: string) => never;

export interface HttpRoute {
  readonly verb: Verb;
  /** The path template: `/v1/chats/{chat_id}/messages`. */
  readonly path: string;
  /** The request fields that the path binds, in order. */
  readonly pathFields: readonly string[];
  /** `body: "*"`: the request message, less its path fields, is the body, and the query holds `alt` alone. */
  readonly hasBody: boolean;
}

const verbs = { get: "GET", put: "PUT", post: "POST", patch: "PATCH", delete: "DELETE" } as const;

/** Reads the route of a method. Refuses a route that the engine cannot serve. */
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
  return { verb, path, pathFields: pathFieldsOf(path, request, refuse), hasBody: readBody(rule["body"], verb, refuse) };
}

function readBody(body: string | undefined, verb: Verb, refuse: Refuse): boolean {
  if (body !== undefined && body !== "*") refuse('a body is "*" or nothing');
  const hasBody = body === "*";
  if (hasBody && (verb === "GET" || verb === "DELETE")) refuse(`${verb} has no body`);
  if (!hasBody && verb !== "GET" && verb !== "DELETE") refuse(`${verb} needs body: "*"`);
  return hasBody;
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
