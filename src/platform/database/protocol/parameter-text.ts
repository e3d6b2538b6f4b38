// The values of parameters as the text that Postgres reads. It knows no message and no connection.

/** json and jsonb, by their numbers in pg_type. */
const JSON_TYPES: ReadonlySet<number> = new Set([114, 3802]);

/**
 * The text of a value that is neither null nor a Buffer, for a parameter of the type with that number in pg_type. A string
 * for json is JSON already; anything else for json is written as JSON. Throws when the value has no text, such as an object
 * that contains itself.
 */
export function parameterText(value: unknown, type: number): string {
  return typeof value !== "string" && JSON_TYPES.has(type) ? JSON.stringify(value) : textOf(value);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** An array in Postgres's notation: {1,2,NULL,"a \"quoted\" text"}. */
function arrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return "NULL";
    if (Array.isArray(value)) return arrayLiteral(value);
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
    const text = Buffer.isBuffer(value) ? `\\x${value.toString("hex")}` : textOf(value);
    return `"${text.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${elements.join(",")}}`;
}
