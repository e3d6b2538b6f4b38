// The error for a body, a path or a query that cannot be read, with the place of the fault. It quotes names of the contract,
// and never the values of a client.
import { ApiError } from "../../errors.js";

/** A key of a map; beside it, a step is the name of a field or the index of a list. */
export interface MapKey {
  readonly key: string;
}

/** One step from a message to a value inside it. */
export type Step = string | number | MapKey;

// A key is a text of the client: one that is longer than this is not sent back.
const longestKey = 64;

/**
 * A MALFORMED_REQUEST for the value at `path`. `message` completes "text ...": "must be a string". Without a path it is
 * about the body as a whole, and a sentence of its own.
 */
export function malformed(path: readonly Step[], message: string): ApiError {
  const { field, pointer } = describe(path);
  const detail = field === "" ? message : `${field} ${message}`;
  return new ApiError("MALFORMED_REQUEST", detail, {
    violations: [{ field, pointer, rule: "", message }],
  });
}

/** A path in the two forms of a violation: `messages[2].text` and `/messages/2/text`. */
function describe(path: readonly Step[]): { field: string; pointer: string } {
  let field = "";
  let pointer = "";
  for (const step of path) {
    if (typeof step === "object" && step.key.length > longestKey) break;
    if (typeof step === "string") field += field === "" ? step : `.${step}`;
    else field += typeof step === "number" ? `[${step}]` : `[${JSON.stringify(step.key)}]`;
    const name = typeof step === "object" ? step.key : String(step);
    pointer += `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }
  return { field, pointer };
}
