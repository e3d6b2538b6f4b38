// One document: its bytes, which are read or made at the first request and then kept, and how they are sent. It does not depend
// on the content of the documents.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { RouterContext } from "@koa/router";
import { sha256, tagOfBytes } from "../http/etag.js";
import { Precondition } from "../http/preconditions.js";
import { chooseCoding, compress, type Coding } from "../http/content-coding.js";

export interface Document {
  readonly contentType: string;
  /** The Content-Security-Policy of a page; when absent, the page may load nothing. */
  readonly policy?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The bytes in a coding, and their tag. Every call returns the same ones. */
  bytes(coding: Coding | undefined): Promise<Bytes>;
}

interface Bytes {
  readonly body: Buffer;
  readonly tag: string;
}

const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const resolve = createRequire(import.meta.url).resolve;

/** A document whose bytes come from `load`. `load` runs once, at the first request, and again if it failed. */
export function document(
  about: Omit<Document, "bytes">,
  load: () => Buffer | string | Promise<Buffer | string>,
): Document {
  const kept = new Map<Coding | undefined, Promise<Bytes>>();
  const make = async (coding: Coding | undefined): Promise<Bytes> => {
    if (coding === undefined) {
      const body = Buffer.from(await load());
      return { body, tag: tagOfBytes(sha256(body)) };
    }
    const plain = await bytes(undefined);
    return { body: await compress(plain.body, coding), tag: `${plain.tag}-${coding}` };
  };
  const bytes = (coding: Coding | undefined): Promise<Bytes> => {
    const made = kept.get(coding) ?? make(coding);
    kept.set(coding, made);
    made.catch(() => kept.delete(coding));
    return made;
  };
  return { ...about, bytes };
}

/** A file of an npm package; `edit` may change its text. Throws at once when the file does not exist. */
export function packageFile(specifier: string, contentType: string, edit?: (text: string) => string): Document {
  const path = resolve(specifier);
  return document({ contentType }, async () => {
    const content = await readFile(path);
    return edit ? edit(content.toString("utf8")) : content;
  });
}

/**
 * Answers with a document: 304 when the client has it, and compressed when the client accepts a coding. Throws
 * MALFORMED_REQUEST and PRECONDITION_FAILED by its preconditions.
 */
export async function sendDocument(ctx: RouterContext, { bytes, ...about }: Document): Promise<void> {
  const plain = await bytes(undefined);
  // Pictures and archives are compressed already.
  const isCompressed = /^image\/|^application\/zip$/.test(about.contentType);
  const coding = isCompressed ? undefined : chooseCoding(ctx.req.headers["accept-encoding"], plain.body.length);
  const { body, tag } = await bytes(coding);
  const isKnown = Precondition.of(ctx.req.headers).isNotModified(tag);
  ctx.set({
    "Cache-Control": "no-cache",
    "Content-Security-Policy": about.policy ?? nothing,
    "Content-Type": about.contentType,
    ETag: `"${tag}"`,
    "X-Content-Type-Options": "nosniff",
    ...about.headers,
  });
  ctx.vary("Accept-Encoding");
  ctx.status = 200;
  if (isKnown) {
    ctx.status = 304;
    return;
  }
  if (coding) ctx.set("Content-Encoding", coding);
  ctx.body = body;
}
