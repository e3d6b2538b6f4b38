// What the floors have in common that check a login: whose request it is, how rows are read, and how an answer is written.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** The type parsers of stock pg, of which one runs for every value: numbers as numbers, times by cutting the text that Postgres sends. */
export const types = {
  getTypeParser: (oid: number): ((text: string) => unknown) => {
    if (oid === 20 || oid === 23) return Number;
    if (oid === 1184) return (text) => `${text.slice(0, 10)}T${milliseconds(text.slice(11, -3))}Z`;
    return (text) => text;
  },
};

function milliseconds(time: string): string {
  return time.length === 8 ? `${time}.000` : time.padEnd(12, "0");
}

/** The id of the caller by the access token, of which the signature and the end are checked; 0 for nobody. */
export function callerOf(request: IncomingMessage, key: Buffer): number {
  const token = request.headers.authorization?.slice(7) ?? "";
  const cut = token.lastIndexOf(".");
  const signature = createHmac("sha256", key).update(token.slice(0, cut)).digest();
  const sent = Buffer.from(token.slice(cut + 1), "base64url");
  if (sent.length !== signature.length || !timingSafeEqual(sent, signature)) return 0;
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf(".") + 1, cut), "base64url").toString()) as {
    sub: string;
    exp: number;
  };
  return claims.exp * 1000 > Date.now() ? Number(claims.sub) : 0;
}

/** Ends a response. */
export function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
