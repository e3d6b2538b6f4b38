// Finds the extension that the name of an option refers to, as protobuf resolves names: `(lyceum.v1.trim)`,
// `(.lyceum.v1.trim)`, and inside of package lyceum.v1 also `(v1.trim)` and `(trim)`.
import protobuf from "protobufjs";

/**
 * The extension with a name, without parentheses, as it is seen from `scope`, the parent of the element that has the option;
 * undefined when there is none. The innermost scope that has the first part of the name decides.
 */
export function findExtension(name: string, scope: protobuf.ReflectionObject | null): protobuf.Field | undefined {
  const parts = name.split(".");
  const [first = "", ...others] = parts;
  if (first === "") return extensionIn(scope?.root, others);
  for (let here = scope; here; here = here.parent) {
    const symbol = symbolIn(here, first);
    // A name of several parts goes through what can hold others: a field with the name of the first part does not hide it.
    const isHidden = others.length > 0 && !(symbol instanceof protobuf.Namespace || symbol instanceof protobuf.Enum);
    if (symbol && !isHidden) return extensionIn(here, parts);
  }
  return undefined;
}

function extensionIn(
  scope: protobuf.ReflectionObject | undefined,
  parts: readonly string[],
): protobuf.Field | undefined {
  let here = scope;
  for (const part of parts) here = here && symbolIn(here, part);
  return here instanceof protobuf.Field && here.extend !== undefined ? here : undefined;
}

function symbolIn(scope: protobuf.ReflectionObject, name: string): protobuf.ReflectionObject | undefined {
  if (!(scope instanceof protobuf.Namespace)) return undefined;
  return scope.get(name) ?? undefined;
}
