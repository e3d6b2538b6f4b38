// Bytes as text: base64 (RFC 4648), as ProtoJSON reads it. Buffer.from skips what is not base64, so the text is checked
// before.

/** What a text of bytes must be, to complete "avatar ...". */
export const base64Wanted = "must be base64, standard or URL-safe";

const alphabet = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/;

/** The bytes of a text in the standard or the URL-safe alphabet, with or without padding; undefined for any other text. */
export function parseBase64(text: string): Buffer | undefined {
  const match = alphabet.exec(text);
  if (!match) return undefined;
  const isWhole = match[1] === "" ? text.length % 4 !== 1 : text.length % 4 === 0;
  return isWhole ? Buffer.from(text, "base64") : undefined;
}
