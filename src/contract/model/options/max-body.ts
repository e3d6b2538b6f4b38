// `(lyceum.v1.max_body)`: the largest body of the method, where it differs from the server's limit.
import { last, type MethodOption } from "./method-option.js";

/** In bytes; undefined for the server's limit. */
export const maxBody: MethodOption<number | undefined> = {
  name: "max_body",
  read: (written) => last<number>(written),
  openApi: (bytes) => (bytes === undefined ? {} : { bodyDescription: `At most ${bytes} bytes.` }),
};
