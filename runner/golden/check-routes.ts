// Holds the routes of the golden files against today's. A route is the same to every client, whatever it speaks.
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { notGolden, released, short, type Clients, type Finding } from "./finding.js";
import { goldenRoute, type Golden, type GoldenRoute } from "./golden.js";

/** What released clients notice of today's routes. */
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
    return isSame ? [] : [notGolden(`${happened}, which no released client notices; it`)];
  });
}

/** Today's routes that no golden file shows. */
export function newRoutes({ rpcs }: Descriptors, golden: Golden): Finding[] {
  const shown = new Set(Object.entries(golden.routes).map(([name, old]) => todays(rpcs, name, old)));
  return [...rpcs.values()]
    .filter((rpc) => !shown.has(rpc))
    .map((rpc) => notGolden(`${rpc.name} (${rpc.verb} ${rpc.path})`));
}

/** The method of that name, or, as clients call routes and not names, the one that stands there today. */
function todays(rpcs: ReadonlyMap<string, Rpc>, name: string, old: GoldenRoute): Rpc | undefined {
  return rpcs.get(name) ?? [...rpcs.values()].find((rpc) => address(rpc) === address(old));
}

/** What a client sees of a route: what its parameters are called is not seen. */
function address({ verb, path }: { verb: string; path: string }): string {
  return `${verb} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
}

function breaks(old: GoldenRoute, today: GoldenRoute, who: string): string[] {
  const found: string[] = [];
  if (address(old) !== address(today))
    found.push(`is now ${today.verb} ${today.path}: ${who} still call ${old.verb} ${old.path}`);
  if (old.success !== today.success)
    found.push(`now answers ${today.success}, was ${old.success}: ${who} wait for ${old.success}`);
  if (old.request !== today.request)
    found.push(`now takes ${short(today.request)}, was ${short(old.request)}: ${who} send the latter`);
  if (old.response !== today.response)
    found.push(`now answers with ${short(today.response)}, was ${short(old.response)}: ${who} read the latter`);
  // Which of two other accesses is the narrower one no option says.
  if (old.access !== today.access && !isPublic(today.access))
    found.push(
      `is now for ${today.access || "nobody knows whom"}, was for ${old.access}: ` +
        (isPublic(old.access)
          ? `${who} call it without a login, and get a 401`
          : `whom ${who} call it for may be refused`),
    );
  return found;
}

/** As a contract reads: no access is everyone's. */
function isPublic(access: string): boolean {
  return access === "" || access.endsWith("_PUBLIC");
}
