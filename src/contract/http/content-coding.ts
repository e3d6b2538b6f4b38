// Content codings of answers (RFC 9110, section 12.5.3).
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

export type Coding = "br" | "gzip";

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) };
/** A coding of a smaller body costs more than it saves. */
const worthwhileBytes = 1024;

/** The coding that Accept-Encoding prefers for a body of this many bytes; undefined for none; br when both are equal. */
export function chooseCoding(acceptEncoding: string | undefined, bytes: number): Coding | undefined {
  if (acceptEncoding === undefined || bytes < worthwhileBytes || acceptEncoding.length > 1024) return undefined;
  const weights = new Map<string, number>();
  for (const member of acceptEncoding.toLowerCase().split(",")) {
    const [name = "", ...parameters] = member.split(";").map((part) => part.trim());
    const weight = parameters.find((part) => part.startsWith("q="));
    const q = weight === undefined ? 1 : Number(weight.slice(2));
    weights.set(name, Number.isNaN(q) ? 1 : Math.min(Math.max(q, 0), 1));
  }
  const weigh = (name: string) => weights.get(name) ?? weights.get("*") ?? 0;
  const [br, gz] = [weigh("br"), Math.max(weigh("gzip"), weights.get("x-gzip") ?? 0)];
  const best = br >= gz ? br : gz;
  if (best === 0 || best < (weights.get("identity") ?? 0)) return undefined;
  return br >= gz ? "br" : "gzip";
}

/** The body in a coding, compressed outside of the event loop's thread. */
export function compress(body: Buffer, coding: Coding): Promise<Buffer> {
  // At quality 4 brotli is about as fast as gzip, and its result is smaller.
  return coding === "br"
    ? compressors.br(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
    : compressors.gzip(body);
}
