// The ways in and out that are no message: what the engine needs of them. They are built outside the engine (src/doors/).
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import type { KoaContext } from "./request-context.js";

/** Reads the one file of a form, up to `limit` bytes. Throws BODY_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE. */
export type FormReader = (ctx: KoaContext, limit: number) => Promise<HttpBody>;

/** How a stream's messages become bytes. */
export interface StreamEncoding {
  /** One message as JSON, without line breaks. */
  readonly message: (message: object) => Buffer;
  /** What the client may see of an error that ends the stream, as JSON without line breaks. */
  readonly problem: (error: unknown) => Buffer;
}

/** Answers 200 with the messages of a stream, each as it comes, until the stream ends, or the client or this server goes. */
export type StreamWriter = (ctx: KoaContext, stream: AsyncIterable<object>, encoding: StreamEncoding) => Promise<void>;

/** What a form may hold beside the bytes of its file: fields, headers of parts, boundaries. */
export const formOverheadBytes = 64 * 1024;

export interface Doors {
  readonly readForm: FormReader;
  readonly writeStream: StreamWriter;
}
