// The names of the operations in an OpenAPI document, from which generators make the names of functions.
import type { Contract } from "../../model/load.js";
import type { Method } from "../../model/method.js";

/** The name of each method's operation: that of the rpc, after that of its service where two services have such an rpc. */
export function operationIds({ methods }: Pick<Contract, "methods">): (method: Method) => string {
  const count = new Map<string, number>();
  for (const { name } of methods) count.set(key(name), (count.get(key(name)) ?? 0) + 1);
  return ({ name, service }) => {
    if (count.get(key(name)) === 1) return name;
    const shared = methods.some(
      (other) => other.service !== service && shortName(other.service) === shortName(service),
    );
    return `${shared ? service.replaceAll(".", "_") : shortName(service)}_${name}`;
  };
}

/** Generators change the case of names. */
function key(name: string): string {
  return name.toLowerCase();
}

function shortName(service: string): string {
  return service.slice(service.lastIndexOf(".") + 1);
}
