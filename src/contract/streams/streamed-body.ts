// A body that is sent while it is made, as the answer of a method with `(lyceum.v1.streamed)`: in chunks, as fast as the client reads.
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import { answerStream } from "../http/answer.js";
import { madeType, requireAcceptable } from "../http/content.js";
import type { Precondition } from "../http/preconditions.js";
import type { KoaContext } from "../http/request-context.js";

/** An HttpBody whose bytes come one piece after the other, and of which nobody knows the length. */
export class StreamedBody implements HttpBody {
  constructor(
    readonly content_type: string,
    readonly pieces: AsyncIterable<string | Uint8Array>,
  ) {}

  /** Throws a TypeError: the whole is never in memory. */
  get data(): never {
    throw new TypeError("the bytes of a streamed body come in pieces");
  }
}

/**
 * Answers 200 with the pieces of a body. What fails before the first one is thrown; what fails after it breaks the answer off, as
 * answerStream does. Throws NOT_ACCEPTABLE, PRECONDITION_FAILED for an If-Match that names a tag, and a TypeError when the method does
 * not declare the type.
 */
export async function answerStreamed(
  ctx: KoaContext,
  { content_type, pieces }: StreamedBody,
  types: readonly string[],
  precondition: Precondition,
  isBodyRead: boolean,
): Promise<void> {
  if (!types.includes(content_type)) throw new TypeError(`the answer is ${content_type}, which is not declared`);
  requireAcceptable(ctx.req.headers.accept, [content_type]);
  if (ctx.method !== "POST") precondition.isNotModified(undefined);
  const headers = ["Content-Type", madeType(content_type), "Cache-Control", "no-store"];
  const iterator = pieces[Symbol.asyncIterator]();
  // Before the head is written, so that it is told as a problem when there is none.
  const first = ctx.method === "HEAD" ? undefined : await iterator.next();
  await answerStream(ctx, 200, headers, piecesFrom(first, iterator), isBodyRead);
}

async function* piecesFrom(
  first: IteratorResult<string | Uint8Array> | undefined,
  iterator: AsyncIterator<string | Uint8Array>,
): AsyncGenerator<Buffer, void> {
  try {
    for (let next = first; next && !next.done; next = await iterator.next()) yield Buffer.from(next.value);
  } finally {
    await iterator.return?.();
  }
}
