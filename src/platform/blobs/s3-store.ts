// A store in a bucket of S3: an object for each key, written from the complete local part.
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { FilesBucket } from "../../files-url.js";
import { BlobLost, type BlobStore, isKey, requireKey, StoreUnavailable } from "./blob-store.js";
import { type CompletePart, partsIn } from "./parts.js";
import { type S3Answer, s3Client, type S3Options, S3Refusal, statusOf } from "./s3-client.js";

export interface S3StoreOptions extends S3Options {
  /** How many keys are listed with one request; 1,000 when absent, which is the most that S3 gives. */
  readonly pageSize?: number;
}

export interface S3Store extends BlobStore {
  /** Resolves when the bucket answers; rejects with S3Refusal where a later try is refused too, or another StoreUnavailable. */
  check(): Promise<void>;
}

const prefix = "files/";
const chunkBytes = 64 * 1024;

/** Prepares the store of a bucket, with its parts in a folder that exists. The bucket is not asked for anything. */
export function s3Store(
  bucket: FilesBucket,
  partsFolder: string,
  { pageSize = 1_000, ...options }: S3StoreOptions = {},
): S3Store {
  const client = s3Client(bucket, options);
  const parts = partsIn(partsFolder);
  const nameOf = (key: string): string => {
    requireKey(key);
    return prefix + key;
  };

  // Also when it is there: whoever lists it must see that it is as young as its last keep. S3 shows an object when it is whole.
  async function store({ file, key, size }: CompletePart): Promise<void> {
    const body = { sha256: key, size, chunks: () => chunksOf(file) };
    await client.status({ method: "PUT", name: nameOf(key), body });
  }

  const page = (after: string, keys: number): Promise<string> =>
    client.text({
      method: "GET",
      name: "",
      query: { "list-type": "2", prefix, "max-keys": String(keys), ...(after !== "" && { "start-after": after }) },
    });

  return {
    begin: () => parts.begin(store),
    async open(key, { start, end, size } = {}) {
      const range = start === undefined && end === undefined ? undefined : `bytes=${start ?? 0}-${end ?? ""}`;
      const answer = await client.send({
        method: "GET",
        name: nameOf(key),
        ...(range !== undefined && { headers: { range } }),
        answers: [404, 416],
      });
      const { response, guard } = answer;
      try {
        const status = statusOf(response);
        if (status === 404 && (await text(response)).includes("<Code>NoSuchBucket<"))
          throw new S3Refusal(`The bucket ${bucket.bucket} is gone`);
        if (status === 404) throw new BlobLost(key);
        if (status === 416) {
          if (size !== undefined && (start ?? 0) < size) throw new BlobLost(key);
          throw new RangeError(`The range begins beyond the end of ${key}`);
        }
        if (size !== undefined && sizeOf(response) !== size) throw new BlobLost(key);
        if (range !== undefined && (status !== 206 || !isRange(response, start, end)))
          throw new StoreUnavailable("The server of the bucket has not answered with the range that was asked for");
        return readable(answer);
      } catch (error) {
        guard.end();
        throw error;
      }
    },
    async has(key) {
      if ((await client.status({ method: "HEAD", name: nameOf(key), answers: [404] })) !== 404) return true;
      // An answer to HEAD does not say what it is that is not there.
      await page("", 0);
      return false;
    },
    async remove(key) {
      const answered = await client.status({ method: "DELETE", name: nameOf(key), answers: [404] });
      if (answered === 404) await page("", 0);
    },
    async *list(signal) {
      // Keys are listed in their order, so that the next page begins after the last one.
      for (let after = ""; ;) {
        const xml = await page(after, pageSize);
        let last = after;
        for (const [, entry = ""] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const name = elementOf(entry, "Key");
          const key = name.slice(prefix.length);
          if (!isKey(key)) continue;
          if (signal.aborted) return;
          yield { key, modifiedAt: new Date(elementOf(entry, "LastModified")) };
          last = name;
        }
        if (elementOf(xml, "IsTruncated") !== "true") return;
        if (last === after)
          throw new StoreUnavailable(`The bucket has other objects below ${prefix}, a page of them or more`);
        after = last;
      }
    },
    sweepParts: parts.sweep,
    close: async () => client.close(),
    check: async () => void (await page("", 1)),
  };
}

async function* chunksOf(file: FileHandle): AsyncIterable<Buffer> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The size of the whole object, of an answer with all of it or with a range. */
function sizeOf({ headers }: IncomingMessage): number {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1];
  return Number(total ?? headers["content-length"]);
}

/** Whether an answer says that it has the bytes from `start` to `end`, or to the last one of the object. */
function isRange({ headers }: IncomingMessage, start = 0, end = Infinity): boolean {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
  return Number(from) === start && Number(to) === Math.min(end, Number(total) - 1);
}

/** The body of an answer: the server is waited for a bounded time, the reader any time. */
function readable({ response, guard }: S3Answer): Readable {
  async function* chunks(): AsyncIterable<Uint8Array> {
    try {
      for await (const chunk of response) {
        guard.pause();
        yield chunk as Uint8Array;
        guard.progress();
      }
    } catch (error) {
      throw new StoreUnavailable(`The bytes of an answer break off: ${(error as Error).message}`, { cause: error });
    }
  }
  guard.pause();
  const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: chunkBytes });
  return stream.once("close", guard.end);
}

/** The text of an element that has no others inside. None that is read here has a character that XML would escape. */
function elementOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}
