// Requests to a server that speaks the protocol of Amazon S3: signed, sent again after a passing fault, bounded in time.
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import type { FilesBucket } from "../../files-url.js";
import { StorageFull, StoreUnavailable } from "./blob-store.js";
import { stallGuards, type StallGuard } from "./stall-guard.js";

export interface S3Options {
  /** How long nothing may happen in a request, in milliseconds. 10,000 when absent. */
  readonly stallMs?: number;
  /** The longest wait before the second try, in milliseconds; doubled with each further one. 100 when absent. */
  readonly retryMs?: number;
}

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** The name of an object; empty for the bucket itself. */
  readonly name: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly sha256: string; readonly size: number; readonly chunks: () => AsyncIterable<Buffer> };
  /** The statuses beside 200 to 299 that are answers; any other is an error. */
  readonly answers?: readonly number[];
}

/** An answer whose body has not been read; its reader ends the guard. */
export interface S3Answer {
  readonly response: IncomingMessage;
  readonly guard: StallGuard;
}

/** The server refuses what is asked of it: the key, the name of the bucket or the region is wrong, or a right is missing. */
export class S3Refusal extends StoreUnavailable {}

export interface S3Client {
  /**
   * Sends a request, four times at most. Rejects with StorageFull, with S3Refusal, or with another StoreUnavailable; each names the
   * request, and has no secret.
   */
  send(request: S3Request): Promise<S3Answer>;
  /** The text of an answer to `send`. */
  text(request: S3Request): Promise<string>;
  /** The status of an answer to `send`, whose body is left. */
  status(request: S3Request): Promise<number>;
  /** Ends all requests. */
  close(): void;
}

const tries = 4;
const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const fullCodes = new Set(["XMinioStorageFull", "QuotaExceeded", "InsufficientStorage"]);

/** Prepares requests to a bucket, with its name in the path. Nothing is sent yet. */
export function s3Client(
  { endpoint, bucket, region, accessKeyId, secretAccessKey }: FilesBucket,
  { stallMs = 10_000, retryMs = 100 }: S3Options = {},
): S3Client {
  const signer = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3" });
  const guards = stallGuards(stallMs);
  const isSecure = endpoint.startsWith("https:");
  const request = isSecure ? requestHttps : requestHttp;
  const agent = new (isSecure ? HttpsAgent : HttpAgent)({ keepAlive: true });

  async function sendOnce({ method, name, query = {}, headers = {}, body }: S3Request, guard: StallGuard) {
    // Not by fetch, which copies a body until the process holds as much as a large file.
    const url = new URL(`${endpoint}/${bucket}${name === "" ? "" : `/${name}`}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    // The payload is signed too: the server then refuses bytes that changed on the way.
    const signed = await signer.sign(url, {
      method,
      headers: { ...headers, "x-amz-content-sha256": body?.sha256 ?? emptySha256 },
    });
    const sent = request(url, {
      method,
      headers: { ...Object.fromEntries(signed.headers), ...(body !== undefined && { "content-length": body.size }) },
      agent,
      signal: guard.signal,
    });
    return new Promise<IncomingMessage>((resolve, reject) => {
      // The server may answer, and close, before it has read all: then the answer counts.
      sent.once("response", resolve).on("error", reject);
      if (body === undefined) sent.end();
      else pipeline(Readable.from(progressing(body.chunks(), guard)), sent).catch(reject);
    });
  }

  async function send(asked: S3Request): Promise<S3Answer> {
    const what = `${asked.method} ${endpoint}/${bucket}/${asked.name}`;
    for (let trial = 1; ; trial++) {
      const guard = guards.begin();
      const isLast = trial === tries;
      try {
        const response = await sendOnce(asked, guard);
        const status = statusOf(response);
        if ((status >= 200 && status < 300) || asked.answers?.includes(status)) return { response, guard };
        const error = await errorOf(what, response);
        if (isLast || error instanceof StorageFull || error instanceof S3Refusal) throw error;
      } catch (error) {
        const isStalled = guard.signal.aborted;
        guard.end();
        if (error instanceof StorageFull || error instanceof StoreUnavailable) throw error;
        if (isStalled) throw new StoreUnavailable(`${what}: ${guard.signal.reason}`);
        if (isLast) throw new StoreUnavailable(`${what}: ${causeOf(error)}`, { cause: error });
      }
      guard.end();
      await delay(Math.random() * retryMs * 2 ** (trial - 1));
    }
  }

  async function read<T>(asked: S3Request, reader: (response: IncomingMessage) => Promise<T>): Promise<T> {
    const { response, guard } = await send(asked);
    try {
      return await reader(response);
    } catch (error) {
      throw new StoreUnavailable(`${asked.method} ${endpoint}/${bucket}: ${causeOf(error)}`, { cause: error });
    } finally {
      guard.end();
    }
  }

  return {
    send,
    text: (asked) => read(asked, text),
    status: (asked) =>
      read(asked, async (response) => {
        await text(response);
        return statusOf(response);
      }),
    close() {
      guards.close();
      agent.destroy();
    },
  };
}

/** The status of an answer. */
export function statusOf({ statusCode }: IncomingMessage): number {
  return statusCode ?? 0;
}

async function* progressing(chunks: AsyncIterable<Buffer>, guard: StallGuard): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    guard.progress();
    yield chunk;
  }
}

/** The error of an answer. Of its body only the code is repeated: some servers quote what was signed. */
async function errorOf(what: string, response: IncomingMessage): Promise<Error> {
  const status = statusOf(response);
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(await text(response))?.[1] ?? "";
  const message = `${what}: the answer is ${status} ${code}`.trimEnd();
  if (status === 507 || fullCodes.has(code)) return new StorageFull(message);
  const isPassing = status >= 500 || status === 429 || status === 408 || code === "RequestTimeout";
  return new (isPassing ? StoreUnavailable : S3Refusal)(message);
}

function causeOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return code ?? message;
}
