// The two forms of a message in JSON, the two sides of a method, and the text of a comment: what all parts of the document share.

export type Json = Record<string, unknown>;

/** `json`: snake_case, 64-bit integers as numbers. `protojson`: lowerCamelCase, 64-bit integers as strings. */
export type Form = "json" | "protojson";

/** The schema of a request requires only the fields that it needs; the schema of an answer, all that it always has. */
export type Side = "request" | "response";

/** A comment as one paragraph: without directives to tools, its lines joined. */
export function prose(comment: string | null | undefined): string {
  const lines = (comment ?? "").split("\n").filter((line) => !line.startsWith("buf:lint:"));
  return lines.join(" ").trim();
}
