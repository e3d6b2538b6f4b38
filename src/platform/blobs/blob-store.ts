// What every store of uploaded bytes promises: bytes are kept under the hash of their content, whole or not at all.
import type { Readable, Writable } from "node:stream";

/** Bytes by their key, the SHA-256 in 64 lower-case hexadecimal digits. Any other key is a TypeError in every method. */
export interface BlobStore {
  /** Begins an upload of unknown length, of which nothing is left unless it is kept. Rejects with StorageFull. */
  begin(): Promise<PartialBlob>;
  /**
   * Opens stored bytes: all of them, or a range, which must begin within them and may reach beyond their end. Rejects with BlobLost
   * when they are not there, or are not as many as `size` says. Whoever opens them reads to the end, or destroys what they got.
   */
  open(key: string, options?: OpenOptions): Promise<Readable>;
  has(key: string): Promise<boolean>;
  /** Removes stored bytes; what is not there is no error. Readers that have opened a file of the folder read on. */
  remove(key: string): Promise<void>;
  /** Every key once, in no order, with the time of its last `keep`. Ends early when `signal` is aborted. */
  list(signal: AbortSignal): AsyncIterable<StoredBlob>;
  /** Removes parts to which nothing was written for so long, in milliseconds, save those of this process. Returns how many. */
  sweepParts(olderThanMs: number): Promise<number>;
  /** Ends what waits for a remote store. */
  close(): Promise<void>;
}

export interface StoredBlob {
  readonly key: string;
  readonly modifiedAt: Date;
}

export interface OpenOptions {
  /** The first byte of a range, from 0. */
  readonly start?: number;
  /** Its last byte, which belongs to it. */
  readonly end?: number;
  /** How many bytes there must be in all. */
  readonly size?: number;
}

/** An upload under way: a file of the local disk, hashed and counted while its bytes pass. */
export interface PartialBlob {
  /**
   * Takes the bytes, and waits for the disk. Fails with StorageFull when there is no room, or with another error of the disk. When it
   * is destroyed before its end, by whatever, the file is removed.
   */
  readonly stream: Writable;
  /** The number of bytes so far. */
  readonly size: number;
  /** The file, for reading its content after the end of the stream and before `keep`. */
  readonly path: string;
  /** The hash of all bytes, after the end of the stream; before, it throws. */
  sha256(): Buffer;
  /**
   * Stores the bytes and returns their key: when it resolves, they outlive a failure of power. Bytes that are there already are
   * replaced by the same, as of now. When it rejects (StorageFull, StoreUnavailable), nothing is left of the part. Once only.
   */
  keep(): Promise<string>;
  /** Removes what is left of the part. Always safe, also during and after `keep`, whose bytes stay. */
  discard(): Promise<void>;
}

/** The bytes of that key are not in the store, or not all of them. */
export class BlobLost extends Error {
  override readonly name = "BlobLost";
  constructor(readonly key: string) {
    super(`The stored bytes ${key} are lost`);
  }
}

/** The disk is full, or a quota or the largest size of a file is reached. */
export class StorageFull extends Error {
  override readonly name = "StorageFull";
}

/** A remote store does not answer, or not as it should; its message has no secret. A later try may succeed. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** Throws a TypeError unless it is a key, so that no name of a file or path of a URL can come from elsewhere. */
export function requireKey(key: string): void {
  if (!isKey(key)) throw new TypeError("A key of a stored blob has 64 hexadecimal digits");
}

export function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
