// Finds the methods of the contract at a path, as google.api.http defines it.
import type { Rpc } from "../client/descriptors.js";

/** The methods at a path. */
export interface Place {
  /** By verb, without HEAD. */
  readonly rpcs: ReadonlyMap<string, Rpc>;
  /** The values of the path parameters in order, as they were sent. */
  readonly values: readonly string[];
}

/** Finds the methods at a path without query; undefined when there are none. A trailing slash makes no difference. */
export type PathFinder = (path: string) => Place | undefined;

interface Template {
  readonly segments: readonly string[];
  readonly rpcs: Map<string, Rpc>;
}

/** Compiles the path templates of all methods. */
export function pathFinder(rpcs: Iterable<Rpc>): PathFinder {
  const bySize = new Map<number, Template[]>();
  for (const rpc of rpcs) {
    const segments = rpc.path.replaceAll(/\{\w+\}/g, "{}").split("/");
    const templates = bySize.get(segments.length) ?? [];
    bySize.set(segments.length, templates);
    const same = templates.find((template) => template.segments.join("/") === segments.join("/"));
    if (same) same.rpcs.set(rpc.verb, rpc);
    else templates.push({ segments, rpcs: new Map([[rpc.verb, rpc]]) });
  }
  // A literal segment takes precedence over a parameter, and the leftmost difference decides.
  for (const templates of bySize.values()) templates.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return (path) => {
    const segments = (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path).split("/");
    const found = bySize.get(segments.length)?.find((template) => fits(template, segments));
    return found && { rpcs: found.rpcs, values: segments.filter((_, at) => found.segments[at] === "{}") };
  };
}

function order({ segments }: Template): string {
  return segments.map((segment) => (segment === "{}" ? "1" : "0")).join("");
}

function fits(template: Template, segments: readonly string[]): boolean {
  return template.segments.every((segment, at) => (segment === "{}" ? segments[at] !== "" : segment === segments[at]));
}
