// `(lyceum.v1.if_match)`: the method evaluates If-Match and If-None-Match (RFC 9110, section 13.1) together with its change. Where
// they do not hold, nothing is done.
import { tagsSchema } from "./etag.js";
import { last, type MethodOption } from "./method-option.js";

export const ifMatch: MethodOption<boolean> = {
  name: "if_match",
  read(written, { verb, refuse }) {
    const isObeyed = last<boolean>(written) === true;
    if (isObeyed && verb === "GET") refuse("a GET changes nothing that If-Match could protect");
    return isObeyed;
  },
  openApi(isObeyed) {
    if (!isObeyed) return {};
    return {
      parameters: {
        "If-Match": parameter("If-Match", "ETags of what may be changed, or `*`; for anything else the answer is 412."),
        "If-None-Match.change": parameter(
          "If-None-Match",
          "ETags of what may not be changed, or `*`: only what does not exist yet. Otherwise the answer is 412.",
        ),
      },
    };
  },
};

function parameter(name: string, description: string): Record<string, unknown> {
  return { name, in: "header", description, schema: tagsSchema };
}
