// Finds the method for a verb and a path, in a tree of segments in which literals have priority over parameters. The cost
// depends on the length of the path, not on the number of routes.
import type { Method } from "./model/method.js";
import type { Verb } from "./model/http-route.js";

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | undefined;
  readonly methods: Map<Verb, Method>;
}

/** The methods at a path. */
export interface Place {
  /** By verb. */
  readonly methods: ReadonlyMap<Verb, Method>;
  /** The values of the path's parameters in order, percent-decoded. */
  readonly values: readonly string[];
  /** The template of the path. */
  readonly route: string;
  /** The value of an Allow header: the verbs, HEAD where there is GET, and OPTIONS. */
  readonly allow: string;
}

export type Router = (path: string) => Place | "malformed" | undefined;

/**
 * A function that finds the place of a raw path, which has no query. A trailing slash makes no difference. It returns
 * undefined where there is no place, and "malformed" where a parameter is not valid percent-encoding.
 */
export function router(methods: readonly Method[]): Router {
  const root = node();
  for (const method of methods) {
    let here = root;
    for (const segment of method.path.slice(1).split("/")) {
      if (segment.startsWith("{")) here = here.parameter ??= node();
      else {
        const next = here.literals.get(segment) ?? node();
        here.literals.set(segment, next);
        here = next;
      }
    }
    here.methods.set(method.verb, method);
  }
  const allowed = new Map<ReadonlyMap<Verb, Method>, string>();

  return (path) => {
    const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(1, -1) : path.slice(1);
    const raw: string[] = [];
    const found = find(root, trimmed.split("/"), 0, raw);
    if (!found) return undefined;
    let allow = allowed.get(found.methods);
    if (allow === undefined) allowed.set(found.methods, (allow = allowHeader(found.methods)));
    const values = raw.map(decode);
    if (values.includes(undefined)) return "malformed";
    const route = found.methods.values().next().value!.path;
    return { methods: found.methods, values: values as string[], route, allow };
  };
}

function node(): Node {
  return { literals: new Map(), parameter: undefined, methods: new Map() };
}

function find(here: Node, segments: readonly string[], index: number, values: string[]): Node | undefined {
  const segment = segments[index];
  if (segment === undefined) return here.methods.size > 0 ? here : undefined;
  const literal = here.literals.get(segment);
  const found = literal && find(literal, segments, index + 1, values);
  if (found || !here.parameter || segment === "") return found;
  values.push(segment);
  const matched = find(here.parameter, segments, index + 1, values);
  if (!matched) values.pop();
  return matched;
}

function decode(value: string): string | undefined {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

function allowHeader(methods: ReadonlyMap<Verb, Method>): string {
  const verbs = [...methods.keys()].flatMap((verb) => (verb === "GET" ? ["GET", "HEAD"] : [verb]));
  return [...verbs, "OPTIONS"].join(", ");
}
