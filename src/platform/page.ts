// Pages of a list: how long one is, and where the next begins. Knows no list; a token is bound to the list and the
// filters that it was made for.
import { crc32 } from "node:zlib";
import { ApiError } from "../errors.js";

/** How many rows a page has when nothing is said, and how many at most. */
export interface Limits {
  readonly defaultLimit: number;
  readonly maxLimit: number;
}

/** What holds for a list that has no limits of its own. */
export const listLimits: Limits = { defaultLimit: 20, maxLimit: 100 };

/** The values of the sort columns in the last row of a page: the next page begins behind them. */
export type PageKey = readonly (string | number)[];

/** What a request may say about the page it wants. */
export interface PageRequest {
  readonly limit?: number | undefined;
  readonly skip?: number | undefined;
  readonly page_token?: string | undefined;
}

/** A page, and the token for the next one; empty when this is the last. */
export interface Page<Row> {
  readonly rows: Row[];
  readonly next_page_token: string;
}

/** How many rows the page has: what was asked for, cut down to what there may be. */
export function pageSize({ limit }: PageRequest, { defaultLimit, maxLimit }: Limits = listLimits): number {
  return Math.min(limit ?? defaultLimit, maxLimit);
}

/**
 * The token for the page behind `key`. `scope` is the name of the list and its filters. Nothing in a token is secret and
 * nothing is signed: who forges one asks for a page that a filter could have asked for as well.
 */
export function encodePageToken(scope: readonly unknown[], key: PageKey): string {
  // A checksum is enough: it has to notice a mistake, and every list of messages makes one.
  const checksum = crc32(JSON.stringify([scope, key]));
  return Buffer.from(JSON.stringify([checksum, ...key])).toString("base64url");
}

/**
 * The key that a token was made of. Throws INVALID_PAGE_TOKEN when it was made for another list or other filters, and
 * when its values are not of the types of those in `like`.
 */
export function decodePageToken(token: string, scope: readonly unknown[], like?: PageKey): (string | number)[] {
  const key = readKey(token);
  if (!key || encodePageToken(scope, key) !== token || !key.every(isStorable) || (like && !isAlike(key, like)))
    throw new ApiError("INVALID_PAGE_TOKEN", "This page_token was not made by this list with these filters");
  return key;
}

/**
 * Where the wanted page begins: behind the key of its token, or at the start (undefined). Throws MALFORMED_REQUEST for
 * `skip` beside a token, INVALID_PAGE_TOKEN as decodePageToken does.
 */
export function pageStart(
  { skip, page_token }: PageRequest,
  scope: readonly unknown[],
  like: PageKey,
): (string | number)[] | undefined {
  if (!page_token) return undefined;
  if (skip !== undefined) {
    const message = "must not stand beside page_token";
    throw new ApiError("MALFORMED_REQUEST", `skip ${message}`, {
      violations: [{ field: "skip", pointer: "/skip", rule: "", message }],
    });
  }
  return decodePageToken(page_token, scope, like);
}

/**
 * Makes the page of `size` out of rows that were asked for as one more than that: the row too many says that there is
 * another page, and is dropped.
 */
export function pageOf<Row>(
  rows: Row[],
  size: number,
  scope: readonly unknown[],
  keyOf: (last: Row) => PageKey,
): Page<Row> {
  if (rows.length <= size) return { rows, next_page_token: "" };
  rows.length = size;
  return { rows, next_page_token: encodePageToken(scope, keyOf(rows[size - 1]!)) };
}

function readKey(token: string): (string | number)[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(value) ? value.slice(1) : undefined;
  } catch {
    return undefined;
  }
}

/** What can be handed to Postgres: it holds no NUL in a text, and ours are safe integers. */
function isStorable(value: unknown): boolean {
  return typeof value === "string" ? !value.includes("\0") : Number.isSafeInteger(value);
}

function isAlike(key: PageKey, like: PageKey): boolean {
  return key.length === like.length && key.every((value, index) => typeof value === typeof like[index]);
}
