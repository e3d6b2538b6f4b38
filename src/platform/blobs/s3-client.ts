// Requests to a server that speaks the protocol of Amazon S3: signed, sent again after a passing fault, bounded in time.
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
  readonly response: Response;
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

  async function sendOnce({ method, name, query = {}, headers = {}, body }: S3Request, guard: StallGuard) {
    const url = new URL(`${endpoint}/${bucket}${name === "" ? "" : `/${name}`}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    // The payload is signed too: the server then refuses bytes that changed on the way.
    const signed = await signer.sign(url, {
      method,
      headers: { ...headers, "x-amz-content-sha256": body?.sha256 ?? emptySha256 },
    });
    if (body !== undefined) signed.headers.set("content-length", String(body.size));
    return fetch(signed.url, {
      method,
      headers: signed.headers,
      redirect: "manual",
      signal: guard.signal,
      ...(body !== undefined && { body: body.size === 0 ? "" : progressing(body.chunks(), guard), duplex: "half" }),
    });
  }

  async function send(request: S3Request): Promise<S3Answer> {
    const what = `${request.method} ${endpoint}/${bucket}/${request.name}`;
    for (let trial = 1; ; trial++) {
      const guard = guards.begin();
      const isLast = trial === tries;
      try {
        const response = await sendOnce(request, guard);
        if (response.ok || request.answers?.includes(response.status)) return { response, guard };
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

  async function read<T>(request: S3Request, reader: (response: Response) => Promise<T>): Promise<T> {
    const { response, guard } = await send(request);
    try {
      return await reader(response);
    } catch (error) {
      throw new StoreUnavailable(`${request.method} ${endpoint}/${bucket}: ${causeOf(error)}`, { cause: error });
    } finally {
      guard.end();
    }
  }

  return {
    send,
    text: (request) => read(request, (response) => response.text()),
    status: (request) =>
      read(request, async (response) => {
        await response.arrayBuffer();
        return response.status;
      }),
    close: guards.close,
  };
}

async function* progressing(chunks: AsyncIterable<Buffer>, guard: StallGuard): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    guard.progress();
    yield chunk;
  }
}

/** The error of an answer. Of its body only the code is repeated: some servers quote what was signed. */
async function errorOf(what: string, response: Response): Promise<Error> {
  const { status } = response;
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(await response.text())?.[1] ?? "";
  const message = `${what}: the answer is ${status} ${code}`.trimEnd();
  if (status === 507 || fullCodes.has(code)) return new StorageFull(message);
  const isPassing = status >= 500 || status === 429 || status === 408 || code === "RequestTimeout";
  return new (isPassing ? StoreUnavailable : S3Refusal)(message);
}

/** `fetch failed` alone says nothing. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { code, message: inner } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? inner ?? message;
}
