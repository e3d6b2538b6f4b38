// Reads the bytes of a body within a limit of size and of time. It does not depend on media types.
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ApiError } from "../../errors.js";

const inflate = promisify(gunzip);
const empty = Buffer.alloc(0);
/** A body that takes longer to arrive is refused, in milliseconds. */
const arrivalMs = 10_000;

/** The client closed the connection before it had an answer, so that none can be sent. */
export class Disconnected extends Error {}

/** Whether a body was announced. */
export function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || Number(length ?? 0) > 0;
}

/** Whether only reading tells that an announced body has no bytes: one in chunks, or in a content coding. */
export function mayBeEmpty({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || !isIdentity(headers["content-encoding"] ?? "");
}

/** Refuses a content coding that is not supported (415), and a body whose Content-Length is over the limit (413). */
export function requireReadable(request: IncomingMessage, limit: number): void {
  const coding = request.headers["content-encoding"];
  if (coding !== undefined && !isIdentity(coding) && !isGzip(coding))
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "The content coding of the body is not read; gzip is", {
      supported: ["gzip"],
      headers: { "Accept-Encoding": "gzip" },
    });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw bodyTooLarge(limit);
}

/** Refuses every content coding (415): a file is stored as it comes, and a form is read as it comes. */
export function requireUncoded({ headers }: IncomingMessage): void {
  if (isIdentity(headers["content-encoding"] ?? "")) return;
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "A file or a form is read in no content coding", {
    supported: ["identity"],
    headers: { "Accept-Encoding": "identity" },
  });
}

/**
 * Reads the whole body, decompressed. The limit applies to the bytes that are received and to the decompressed ones.
 * Throws BODY_TOO_LARGE, REQUEST_TIMEOUT, MALFORMED_REQUEST for a corrupt gzip stream, Disconnected.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  expectsContinue: boolean,
): Promise<Buffer> {
  if (!announcesBody(request)) return empty;
  if (expectsContinue) response.writeContinue();
  const bytes = await readBytes(request, limit);
  const isInflated = bytes.length > 0 && isGzip(request.headers["content-encoding"] ?? "");
  return isInflated ? inflateWithin(bytes, limit) : bytes;
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      outcome();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else settle(() => reject(bodyTooLarge(limit)));
    };
    const onEnd = () => settle(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    const onClose = () => settle(() => reject(new Disconnected("The body broke off")));
    const timer = setTimeout(
      () => settle(() => reject(new ApiError("REQUEST_TIMEOUT", "The body did not arrive in time"))),
      arrivalMs,
    );
    request.on("data", onData).on("end", onEnd).on("close", onClose);
    request.on("error", ignore);
  });
}

async function inflateWithin(bytes: Buffer, limit: number): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw bodyTooLarge(limit);
    throw new ApiError("MALFORMED_REQUEST", "The body is not a valid gzip stream", { cause: error });
  }
}

function isGzip(coding: string): boolean {
  return /^(x-)?gzip$/i.test(coding.trim());
}

/** Whether a Content-Encoding names no coding. */
export function isIdentity(coding: string): boolean {
  return /^(identity)?$/i.test(coding.trim());
}

/** BODY_TOO_LARGE. */
export function bodyTooLarge(limit: number): ApiError {
  return new ApiError("BODY_TOO_LARGE", `The body is larger than ${limit} bytes`);
}

/** An aborted request also emits "error", which has no information beyond that of "close". */
function ignore(): void {}
