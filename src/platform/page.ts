// Keyset paging: the one shape in which every list is read page by page. Knows no list; a page token is valid only for
// the list and the filters that it was made for.
import { crc32 } from "node:zlib";
import { ApiError } from "../errors.js";

/** The number of rows of a page: when the request names none, and at most. */
export interface Limits {
  readonly defaultLimit: number;
  readonly maxLimit: number;
}

/** For lists without limits of their own. */
export const listLimits: Limits = { defaultLimit: 20, maxLimit: 100 };

/** The values of the sort columns in one row. */
export type PageKey = readonly (string | number)[];

/** The fields of a request that choose a page. */
export interface PageRequest {
  readonly limit?: number | undefined;
  readonly skip?: number | undefined;
  readonly page_token?: string | undefined;
}

/** The rows that a store reads for a page: keyset paging, for every list. */
export interface KeysetPage {
  /** The sort key of the last row of the page before; undefined for the first page. */
  readonly after: PageKey | undefined;
  /** The most rows to read. */
  readonly limit: number;
  /** The number of rows to pass over first. */
  readonly skip: number;
  /** In ascending order of the sort key: the oldest first, or from A to Z. */
  readonly isOldestFirst: boolean;
}

/**
 * A KeysetPage that a request asked for. Its `limit` is one more than the page shows: the extra row shows that there is
 * a next page.
 */
export interface RequestedPage extends KeysetPage {
  readonly scope: readonly unknown[];
}

/** The traits of a list that readPage needs. */
export interface ListTraits {
  /** The name of the list and its filters: a page token is valid for these alone. */
  readonly scope: readonly unknown[];
  /** Any key of the types that the sort key has. */
  readonly key: PageKey;
  /** `listLimits` when absent. */
  readonly limits?: Limits;
  /** True when absent. */
  readonly isOldestFirst?: boolean;
}

/** A page of the response. */
export interface Page<Row> {
  readonly rows: Row[];
  /** Empty when this is the last page. */
  readonly next_page_token: string;
}

/** The number of rows that a request asks for, at most the maximum. */
export function pageSize({ limit }: PageRequest, { defaultLimit, maxLimit }: Limits): number {
  return Math.min(limit ?? defaultLimit, maxLimit);
}

/**
 * Reads which page a request asks for. Throws MALFORMED_REQUEST for `skip`
 * beside a page token, and INVALID_PAGE_TOKEN as decodePageToken does.
 */
export function readPage(
  request: PageRequest,
  { scope, key, limits = listLimits, isOldestFirst = true }: ListTraits,
): RequestedPage {
  const { skip, page_token } = request;
  if (page_token && skip !== undefined) {
    const message = "must not stand beside page_token";
    throw new ApiError("MALFORMED_REQUEST", `skip ${message}`, {
      violations: [{ field: "skip", pointer: "/skip", rule: "", message }],
    });
  }
  return {
    after: page_token ? decodePageToken(page_token, scope, key) : undefined,
    limit: pageSize(request, limits) + 1,
    skip: skip ?? 0,
    isOldestFirst,
    scope,
  };
}

/**
 * As readPage, for a list whose pages can be asked for by number too, from 1. Throws MALFORMED_REQUEST for a number beside `skip` or a
 * page token.
 */
export function readNumberedPage(
  request: PageRequest & { readonly page?: number | undefined },
  traits: ListTraits,
): RequestedPage {
  const { page, skip, page_token } = request;
  if (page === undefined) return readPage(request, traits);
  if (page_token || skip !== undefined) {
    const message = "must not stand beside skip or page_token";
    throw new ApiError("MALFORMED_REQUEST", `page ${message}`, {
      violations: [{ field: "page", pointer: "/page", rule: "", message }],
    });
  }
  const size = pageSize(request, traits.limits ?? listLimits);
  return readPage({ ...request, skip: (page - 1) * size }, traits);
}

/** Makes the page of the response from the rows that were read for it: drops the extra row, if there is one. */
export function pageOf<Row>(rows: Row[], { limit, scope }: RequestedPage, keyOf: (last: Row) => PageKey): Page<Row> {
  if (rows.length < limit) return { rows, next_page_token: "" };
  rows.length = limit - 1;
  return { rows, next_page_token: encodePageToken(scope, keyOf(rows.at(-1)!)) };
}

/**
 * The token of the page after `key`. Nothing in a token is secret, and it is not signed: a forged one selects rows that
 * the caller could select with a filter as well.
 */
export function encodePageToken(scope: readonly unknown[], key: PageKey): string {
  // A checksum is enough to detect a mistake, and costs little on a path that every list of messages takes.
  const checksum = crc32(JSON.stringify([scope, key]));
  return Buffer.from(JSON.stringify([checksum, ...key])).toString("base64url");
}

/**
 * The key that a token was made from. Throws INVALID_PAGE_TOKEN when it was made for another list or other filters, or
 * when its values are not of the types in `like`.
 */
export function decodePageToken(token: string, scope: readonly unknown[], like?: PageKey): (string | number)[] {
  const key = readKey(token);
  if (!key || encodePageToken(scope, key) !== token || !key.every(isStorable) || (like && !isAlike(key, like)))
    throw invalidPageToken();
  return key;
}

/** The error for a page token that no page of this list had. */
export function invalidPageToken(): ApiError {
  return new ApiError("INVALID_PAGE_TOKEN", "This page_token was not made by this list with these filters");
}

function readKey(token: string): (string | number)[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(value) ? value.slice(1) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether Postgres can take the value: no NUL in a text, and only safe integers. */
function isStorable(value: unknown): boolean {
  return typeof value === "string" ? !value.includes("\0") : Number.isSafeInteger(value);
}

function isAlike(key: PageKey, like: PageKey): boolean {
  return key.length === like.length && key.every((value, index) => typeof value === typeof like[index]);
}
