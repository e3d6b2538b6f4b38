// Answers with a content that is read while it is sent: the whole, or the ranges that are asked for (RFC 9110, section 14). Nothing of
// it is kept in memory but what is on its way, and its source is closed when the client has gone.
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { ApiError } from "../../errors.js";
import { answer, answerStream, type Headers } from "../http/answer.js";
import { readRanges, type ByteRange } from "./byte-ranges.js";
import { tagOfBytes } from "../http/etag.js";
import type { Precondition } from "../http/preconditions.js";
import type { KoaContext } from "../http/request-context.js";

/** Bytes that never change, and where to read them. */
export interface Content {
  readonly content_type: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: Buffer;
  /** The value of Content-Disposition. */
  readonly disposition: string;
  /** For how many seconds a browser may show the content without asking again. */
  readonly max_age_seconds: number;
  /** Whether a page of another origin may show it, as a picture for example. */
  readonly is_for_all_origins: boolean;
  /** Opens the bytes, or those of a range. Rejects, with an ApiError for the client, when they cannot be read. */
  open(range: ByteRange | undefined): Promise<Readable>;
}

/**
 * Answers 200, 206 with ranges, or 304. Throws PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE, and what `open` rejects with; once the
 * first byte is sent, the answer is broken off instead.
 */
export async function answerContent(
  ctx: KoaContext,
  content: Content,
  precondition: Precondition,
  isBodyRead: boolean,
): Promise<void> {
  const { size } = content;
  const tag = tagOfBytes(content.sha256);
  const headers = headersOf(content, tag);
  if (precondition.isNotModified(tag)) return answer(ctx, 304, headers.slice(0, ofNotModified), undefined, isBodyRead);
  const ranges = rangesOf(ctx, size, tag);
  if (ranges?.length === 0)
    throw new ApiError("RANGE_NOT_SATISFIABLE", `The content has ${size} bytes, and none of those asked for`, {
      headers: { "Content-Range": `bytes */${size}`, "Accept-Ranges": "bytes" },
    });
  return send(ctx, headers, content, ranges, isBodyRead);
}

/** The headers that a 304 has too are the first: names and values. */
const ofNotModified = 4;

function headersOf({ disposition, max_age_seconds, is_for_all_origins }: Content, tag: string): Headers {
  return [
    ["ETag", `"${tag}"`],
    ["Cache-Control", `private, max-age=${max_age_seconds}, immutable`],
    ["Accept-Ranges", "bytes"],
    ["Content-Disposition", disposition],
    // Whatever it holds, it runs nothing, and loads nothing, when somebody opens it as a page.
    ["Content-Security-Policy", "sandbox; default-src 'none'"],
    ["X-Content-Type-Options", "nosniff"],
    ...(is_for_all_origins ? [["Cross-Origin-Resource-Policy", "cross-origin"]] : []),
  ].flat();
}

/** Range has a meaning for a GET, and where If-Range, if there is one, names what the client has by a strong tag. */
function rangesOf({ req }: KoaContext, size: number, tag: string): readonly ByteRange[] | undefined {
  const { range, "if-range": ifRange } = req.headers;
  if (req.method !== "GET" || (ifRange !== undefined && ifRange !== `"${tag}"`)) return undefined;
  return readRanges(range, size);
}

async function send(
  ctx: KoaContext,
  headers: Headers,
  content: Content,
  ranges: readonly ByteRange[] | undefined,
  isBodyRead: boolean,
): Promise<void> {
  const { content_type, size } = content;
  const range = ranges?.[0];
  // Before the head is written, so that a content that is lost is told as a problem.
  const opened = await content.open(range);
  try {
    if (ranges && ranges.length > 1) {
      const { boundary, parts, end } = multipart(content, ranges);
      const length = parts.reduce((sum, { head, range }) => sum + head.length + lengthOf(range), end.length);
      headers.push("Content-Type", `multipart/byteranges; boundary=${boundary}`, "Content-Length", String(length));
      return await answerStream(ctx, 206, headers, joined(content, opened, parts, end), isBodyRead);
    }
    headers.push("Content-Type", content_type, "Content-Length", String(range ? lengthOf(range) : size));
    if (range) headers.push("Content-Range", contentRange(range, size));
    await answerStream(ctx, range ? 206 : 200, headers, opened, isBodyRead);
  } finally {
    opened.destroy();
  }
}

interface Part {
  readonly head: Buffer;
  readonly range: ByteRange;
}

interface Multipart {
  readonly boundary: string;
  readonly parts: readonly Part[];
  readonly end: Buffer;
}

function multipart({ content_type, size }: Content, ranges: readonly ByteRange[]): Multipart {
  const boundary = randomBytes(16).toString("hex");
  const parts = ranges.map((range, index) => ({
    head: Buffer.from(
      `${index === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Type: ${content_type}\r\n` +
        `Content-Range: ${contentRange(range, size)}\r\n\r\n`,
    ),
    range,
  }));
  return { boundary, parts, end: Buffer.from(`\r\n--${boundary}--\r\n`) };
}

async function* joined(
  content: Content,
  opened: Readable,
  parts: readonly Part[],
  end: Buffer,
): AsyncGenerator<Buffer, void> {
  for (const [index, { head, range }] of parts.entries()) {
    yield head;
    yield* (index === 0 ? opened : await content.open(range)) as AsyncIterable<Buffer>;
  }
  yield end;
}

function lengthOf({ start, end }: ByteRange): number {
  return end - start + 1;
}

function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end}/${size}`;
}
