// The refusal of what cannot be read, with its place. It quotes names of the contract, never what the client sent.
import { ApiError } from "../../errors.js";

/** A key of a map; beside it, a step is the name of a field or the index of a list. */
export interface MapKey {
  readonly key: string;
}

/** One step from a message to a value inside it. */
export type Step = string | number | MapKey;

// A key is the client's own text: a longer one is not sent back.
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

/** A path as the two forms that a violation shows: `messages[2].text` and `/messages/2/text`. */
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
