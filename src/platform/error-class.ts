// The class of an error, for where its text may not go: that may quote what people wrote.
import { ApiError } from "../errors.js";

/** The reason of an ApiError, the name of any other error with the code that it has, or "unknown". */
export function classOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { code?: unknown };
  return error instanceof ApiError ? error.reason : typeof code === "string" ? `${error.name} ${code}` : error.name;
}
