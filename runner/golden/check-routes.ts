// Compares the routes of the golden files with today's. A route is the same in every serialization.
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { unrecorded, released, short, type Clients, type Finding } from "./finding.js";
import { goldenRoute, type Golden, type GoldenRoute } from "./golden.js";

/** The effects of today's routes on released clients. */
export function checkRoutes({ rpcs }: Descriptors, golden: Golden, clients: Clients): Finding[] {
  const who = released(clients);
  return Object.entries(golden.routes).flatMap(([name, old]): Finding[] => {
    const rpc = todays(rpcs, name, old);
    if (!rpc)
      return [
        { kind: "broken", sentence: `${old.verb} ${old.path} (${name}) is gone: ${who} still call it, and get a 404` },
      ];
    const route = goldenRoute(rpc);
    const broken = breaks(old, route, who).map((what): Finding => ({ kind: "broken", sentence: `${name} ${what}` }));
    if (broken.length > 0) return broken;
    const isSame = rpc.name === name && JSON.stringify(route) === JSON.stringify(old);
    const happened = `${name} is now ${rpc.name}, ${route.verb} ${route.path}, ${route.access}`;
    return isSame ? [] : [unrecorded(`${happened}, without an effect on released clients; it`)];
  });
}

/** Today's routes that are not in the golden files. */
export function newRoutes({ rpcs }: Descriptors, golden: Golden): Finding[] {
  const shown = new Set(Object.entries(golden.routes).map(([name, old]) => todays(rpcs, name, old)));
  return [...rpcs.values()]
    .filter((rpc) => !shown.has(rpc))
    .map((rpc) => unrecorded(`${rpc.name} (${rpc.verb} ${rpc.path})`));
}

/** The method of that name; else, since clients know routes and not names, the method at the same route. */
function todays(rpcs: ReadonlyMap<string, Rpc>, name: string, old: GoldenRoute): Rpc | undefined {
  return rpcs.get(name) ?? [...rpcs.values()].find((rpc) => address(rpc) === address(old));
}

/** A route as clients know it: without the names of its parameters. */
function address({ verb, path }: { verb: string; path: string }): string {
  return `${verb} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
}

function breaks(old: GoldenRoute, today: GoldenRoute, who: string): string[] {
  const found: string[] = [];
  if (address(old) !== address(today))
    found.push(`is now ${today.verb} ${today.path}: ${who} still call ${old.verb} ${old.path}`);
  if (old.success !== today.success)
    found.push(`now answers ${today.success}, was ${old.success}: ${who} expect ${old.success}`);
  if (old.request !== today.request)
    found.push(`now takes ${short(today.request)}, was ${short(old.request)}: ${who} send the latter`);
  if (old.response !== today.response)
    found.push(`now answers with ${short(today.response)}, was ${short(old.response)}: ${who} read the latter`);
  // No option declares which of two other accesses is the narrower one.
  if (old.access !== today.access && !isPublic(today.access))
    found.push(
      `is now for ${today.access}, was for ${old.access}: ` +
        (isPublic(old.access)
          ? `${who} call it without a login, and get a 401`
          : `some callers of ${who} may be refused`),
    );
  return found;
}

/** An empty access means everyone, as in a contract. */
function isPublic(access: string): boolean {
  return access === "" || access.endsWith("_PUBLIC");
}
