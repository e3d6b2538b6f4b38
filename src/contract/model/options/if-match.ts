// `(lyceum.v1.if_match)`: the method evaluates If-Match (RFC 9110, section 13.1.1). Its SQL compares the versions.
import { last, type MethodOption } from "./method-option.js";

export const ifMatch: MethodOption<boolean> = {
  name: "if_match",
  read(written, { verb, refuse }) {
    const isObeyed = last<boolean>(written) === true;
    if (isObeyed && verb !== "PATCH" && verb !== "DELETE") refuse("only PATCH and DELETE obey If-Match");
    return isObeyed;
  },
  reasons: (isObeyed) => (isObeyed ? ["PRECONDITION_FAILED"] : []),
  openApi(isObeyed) {
    if (!isObeyed) return {};
    const description = "ETags of the versions that may be changed; for another version the answer is 412.";
    return {
      parameters: { "If-Match": { name: "If-Match", in: "header", description, schema: { type: "string" } } },
    };
  },
};
