// Bodies that are not messages: the media types that a method reads and writes, and the raw bytes.
import { ApiError } from "../../errors.js";
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import { choose, readAccept, type Offer } from "./accept.js";
import { answer } from "./answer.js";
import { readBody } from "./body.js";
import { sha256, tagOfBytes } from "./etag.js";
import { anyType } from "../model/http-body.js";
import { parseMediaType } from "./media-type.js";
import type { Precondition } from "./preconditions.js";
import type { KoaContext } from "./request-context.js";

const withoutAliases: Offer = { fits: () => true, mainType: (type) => type };

/** Throws NOT_ACCEPTABLE when Accept excludes all of the types. An Accept that is too long is refused elsewhere. */
export function requireAcceptable(accept: string | undefined, types: readonly string[]): void {
  const ranges = readAccept(accept) ?? [];
  if (ranges.length === 0 || choose(ranges, types, withoutAliases) !== undefined) return;
  throw new ApiError("NOT_ACCEPTABLE", `Accept leaves none of the media types that there are: ${types.join(", ")}`, {
    supported: types,
  });
}

/**
 * The type that a Content-Type names, which must be in `types`. Where any is taken, a body without one is application/octet-stream.
 * Throws UNSUPPORTED_MEDIA_TYPE.
 */
export function requireContentType(contentType: string | undefined, types: readonly string[]): string {
  const type = contentType === undefined ? undefined : parseMediaType(contentType)?.type;
  if (types.includes(anyType)) return type ?? "application/octet-stream";
  if (type !== undefined && types.includes(type)) return type;
  const what = contentType === undefined ? "The body has no Content-Type" : "The media type of the body is not read";
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", `${what}; there is ${types.join(", ")}`, { supported: types });
}

/** The Content-Type of bytes that a handler made: its texts are in UTF-8. */
export function madeType(type: string): string {
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}

/** Reads a whole body without interpretation. Throws the errors of readBody. */
export async function readContent(ctx: KoaContext, contentType: string, limit: number): Promise<HttpBody> {
  const data = await readBody(ctx.req, ctx.res, limit, ctx.state.context.expectsContinue);
  return { content_type: contentType, data };
}

/**
 * Answers 200 with the raw bytes, or 304 where If-None-Match names their ETag, which is a hash of them. Throws NOT_ACCEPTABLE when
 * Accept excludes their media type, though not all that the method declares, PRECONDITION_FAILED when If-Match does not name
 * their tag, and a TypeError when the method does not declare the type.
 */
export function answerBytes(
  ctx: KoaContext,
  { content_type, data }: HttpBody,
  types: readonly string[],
  precondition: Precondition,
  isBodyRead: boolean,
): void {
  if (!types.includes(content_type)) throw new TypeError(`the answer is ${content_type}, which is not declared`);
  requireAcceptable(ctx.req.headers.accept, [content_type]);
  const tag = tagOfBytes(sha256(data));
  const headers = ["Content-Type", madeType(content_type), "ETag", `"${tag}"`, "Cache-Control", "private, no-cache"];
  if (precondition.isNotModified(tag)) return answer(ctx, 304, headers, undefined, isBodyRead);
  answer(ctx, 200, headers, data, isBodyRead);
}
