// `(lyceum.v1.scope)`: the scopes that an API key needs to call the method. Required beside `access`, so that no method is open to
// keys by omission.
import type { Scope } from "../../../gen/lyceum/v1/scope.js";
import type { MethodOption } from "./method-option.js";

/** Empty for a public method, which asks for no credentials; `["SCOPE_NONE"]` for one that no key may call. */
export const scope: MethodOption<readonly Scope[]> = {
  name: "scope",
  read(written, { isPublic, root, refuse }) {
    const scopes = written as readonly Scope[];
    const known = root.lookupEnum("lyceum.v1.Scope").values;
    if (isPublic && scopes.length > 0) refuse("a public method has no (lyceum.v1.scope)");
    if (!isPublic && scopes.length === 0) refuse("no (lyceum.v1.scope)");
    for (const one of scopes) if (!(one in known) || one === "SCOPE_UNSPECIFIED") refuse(`${one} is no scope`);
    if (new Set(scopes).size < scopes.length) refuse("(lyceum.v1.scope) has a scope twice");
    if (scopes.length > 1 && scopes.includes("SCOPE_NONE")) refuse("(lyceum.v1.scope) has SCOPE_NONE beside another");
    return scopes;
  },
  reasons: (scopes) => (scopes.length > 0 ? ["INSUFFICIENT_SCOPE"] : []),
  openApi(scopes) {
    if (scopes.length === 0) return {};
    if (isForNoKey(scopes)) return { description: "**API keys:** None may call this." };
    const names = scopes.map((name) => `\`${name}\``).join(" and ");
    return { description: `**API keys:** Those with ${names}.` };
  },
};

/** Whether a method with these scopes is for no API key. */
export function isForNoKey(scopes: readonly Scope[]): boolean {
  return scopes.includes("SCOPE_NONE");
}
