// The header Idempotency-Key: a string of RFC 8941 (draft-ietf-httpapi-idempotency-key-header), or the same without quotes.
import { ApiError } from "../../errors.js";

/** In characters, without quotes and escapes. */
export const longestKey = 255;

const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
// No white space, quote, comma, semicolon or backslash: nothing that means something in a structured field.
const bare = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/** The key of a request, whose headers are not joined; undefined without the header. Throws MALFORMED_REQUEST when it is no key, or is sent twice. */
export function readIdempotencyKey(headers: Readonly<Record<string, string[] | undefined>>): string | undefined {
  const values = headers["idempotency-key"];
  if (values === undefined) return undefined;
  const [value = ""] = values;
  if (values.length > 1) throw malformed("is given more than once");
  const key = bare.test(value) ? value : quoted.exec(value)?.[1]?.replaceAll(/\\(.)/g, "$1");
  if (key === undefined) throw malformed('is not a string in quotes such as "8e03978e-40d5-43dd-bc93-6894a57f9324"');
  if (key === "") throw malformed("is empty");
  if (key.length > longestKey) throw malformed(`has more than ${longestKey} characters`);
  return key;
}

function malformed(what: string): ApiError {
  return new ApiError("MALFORMED_REQUEST", `Idempotency-Key ${what}`);
}
