// The interfaces of the doors that the engine uses: bodies and answers that are not messages. src/doors/ implements them.
import type { Writable } from "node:stream";
import type { KoaContext } from "./request-context.js";

/** What the client says of a file. Nothing of it is to be believed. */
export interface Received {
  /** Its name; empty where it has none. */
  readonly name: string;
  /** Its media type without parameters; "application/octet-stream" where it has none. */
  readonly contentType: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Writes the one file of a form into `writable`, up to `limit` bytes, and ends it. Rejects with BODY_TOO_LARGE, MALFORMED_REQUEST,
 * Disconnected, and with the error of the writable.
 */
export type FormReader = (ctx: KoaContext, limit: number, writable: Writable) => Promise<Received>;

/** The name of a file by the Content-Disposition of a request, where it has one. Undefined for a header that cannot be read. */
export type DispositionReader = (header: string) => { readonly name?: string } | undefined;

/** Reads the parameters of a form, up to `limit` bytes. Throws BODY_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE, REQUEST_TIMEOUT. */
export type ParameterReader = (ctx: KoaContext, limit: number) => Promise<Readonly<Record<string, string>>>;

/** What the writer of a stream gets from the engine. */
export interface StreamOptions {
  /** One message as JSON, without line breaks. */
  readonly message: (message: object) => Buffer;
  /** The id of its event, without line breaks; undefined where events have none. */
  readonly id: (message: object) => string | undefined;
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
  readonly readDisposition: DispositionReader;
  readonly readParameters: ParameterReader;
  readonly writeStream: StreamWriter;
}
