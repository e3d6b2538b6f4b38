// `(lyceum.v1.max_body)`: the largest body of the method, where it differs from the server's limit.
import { last, type MethodOption } from "./method-option.js";

/** In bytes; undefined for the server's limit. */
export const maxBody: MethodOption<number | undefined> = {
  name: "max_body",
  read(written, { hasBody, bodyField, refuse }) {
    const bytes = last<number>(written);
    if (bytes === undefined) return undefined;
    if (!hasBody && bodyField === undefined) refuse("max_body goes with a body");
    if (bytes < 1) refuse(`max_body is at least one byte, and not ${bytes}`);
    return bytes;
  },
  openApi: (bytes) => (bytes === undefined ? {} : { bodyDescription: `At most ${bytes} bytes.` }),
};
