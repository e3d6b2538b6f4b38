// `(lyceum.v1.access)`: the callers that the method is for. Required, so that no method is open by omission.
import type { Access } from "../../../gen/lyceum/v1/option_types.js";
import { last, type MethodOption } from "./method-option.js";

export type DeclaredAccess = Exclude<Access, "ACCESS_UNSPECIFIED">;

export const access: MethodOption<DeclaredAccess> = {
  name: "access",
  read(written, { root, refuse }) {
    const value = last<Access>(written);
    if (value === undefined || value === "ACCESS_UNSPECIFIED") return refuse("no (lyceum.v1.access)");
    if (!(value in root.lookupEnum("lyceum.v1.Access").values)) refuse(`${String(value)} is no access`);
    return value;
  },
  reasons(value) {
    if (value === "ACCESS_PUBLIC") return [];
    const login = ["UNAUTHENTICATED", "INVALID_TOKEN"];
    return value === "ACCESS_USER" ? login : [...login, "PERMISSION_DENIED"];
  },
  openApi(value, root) {
    const comment = root.lookupEnum("lyceum.v1.Access").comments[value] ?? "";
    return {
      description: `**Access:** ${comment.split("\n").join(" ").trim()}`,
    };
  },
};
