// Answers with a message: its bytes in the chosen codec and coding, its ETag, or 304 when the client has it.
import { codecs } from "../codecs/codec.js";
import type { Method } from "../model/method.js";
import { answer, type Headers } from "./answer.js";
import { chooseCoding, compress } from "./content-coding.js";
import { tagOf, versionOf } from "./etag.js";
import type { Negotiated } from "./negotiate.js";
import type { Precondition } from "./preconditions.js";
import type { KoaContext } from "./request-context.js";

/**
 * Writes the answer of a method. A tag is made of the bytes that are written anyway: a 304 saves sending them, and costs no query
 * of its own. Throws a TypeError when the response does not fit the method's message, and
 * PRECONDITION_FAILED when a read has an If-Match that does not name its tag.
 */
export async function answerMessage(
  ctx: KoaContext,
  method: Method,
  negotiated: Negotiated,
  headers: Headers,
  response: object,
  precondition: Precondition,
  isBodyRead: boolean,
): Promise<void> {
  let body = codecs[negotiated.response].writer(method.response)(response);
  headers.push("Content-Type", negotiated.contentType);
  if (negotiated.response === "protobuf") headers.push("X-Protobuf-Message", method.response.fullName.slice(1));
  const coding = chooseCoding(ctx.req.headers["accept-encoding"], body.length);
  if (method.etag) {
    const { version, isRead } = method.etag;
    const tag = tagOf(versionOf(response, version), body, negotiated.response) + (coding ? `-${coding}` : "");
    headers.push("ETag", `"${tag}"`, "Cache-Control", "private, no-cache");
    if (isRead && precondition.isNotModified(tag)) return answer(ctx, 304, headers, undefined, isBodyRead);
  } else {
    if (method.verb === "GET") precondition.isNotModified(undefined);
    headers.push("Cache-Control", "no-store");
  }
  if (coding) {
    headers.push("Content-Encoding", coding);
    body = await compress(body, coding);
  }
  answer(ctx, method.created === undefined ? 200 : 201, headers, body, isBodyRead);
}
