// The interfaces of the doors that the engine uses: bodies and answers that are not messages. src/doors/ implements them.
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import type { KoaContext } from "./request-context.js";

/** Reads the one file of a form, up to `limit` bytes. Throws BODY_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE. */
export type FormReader = (ctx: KoaContext, limit: number) => Promise<HttpBody>;

/** Reads the parameters of a form, up to `limit` bytes. Throws BODY_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE, REQUEST_TIMEOUT. */
export type ParameterReader = (ctx: KoaContext, limit: number) => Promise<Readonly<Record<string, string>>>;

/** What the writer of a stream gets from the engine. */
export interface StreamOptions {
  /** One message as JSON, without line breaks. */
  readonly message: (message: object) => Buffer;
  /** The Problem of an error that ends the stream, as JSON without line breaks. */
  readonly problem: (error: unknown) => Buffer;
  /** Throws, or rejects, when the caller may no longer call the method: after a logout, or when the token has expired. */
  readonly requireAccess: () => unknown;
}

/**
 * Answers 200 with each message of a stream, until the stream ends, the client disconnects, the caller loses access or the
 * server stops.
 */
export type StreamWriter = (ctx: KoaContext, stream: AsyncIterable<object>, options: StreamOptions) => Promise<void>;

/** The bytes that a form may have in addition to its file: fields, headers of parts, boundaries. */
export const formOverheadBytes = 64 * 1024;

export interface Doors {
  readonly readForm: FormReader;
  readonly readParameters: ParameterReader;
  readonly writeStream: StreamWriter;
}
