// Requests to addresses that users have named. They reach public addresses alone: every address of a name is checked, and one of these
// very addresses is connected to. No redirect is followed, no proxy is used, and time and size are bounded.
import { lookup as lookupName, type LookupAddress } from "node:dns";
import { request as requestHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { isAllowed } from "./address-guard.js";
import { hostOf, readOutboundUrl, type UrlPolicy } from "./outbound-url.js";

/** Why there is no answer. */
export type OutboundFailure = "address_refused" | "name_not_found" | "connection" | "tls" | "timeout" | "stopped";

export class OutboundError extends Error {
  constructor(
    readonly failure: OutboundFailure,
    options?: ErrorOptions,
  ) {
    super(`A request to an address that a user has named failed: ${failure}`, options);
  }
}

export interface OutboundRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Ends the request: it fails as `stopped`. */
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** What was read of it within the limits of size and time. */
  readonly body: Buffer;
}

export interface OutboundClient {
  /** Sends a POST; resolves with its answer, whatever its status. Rejects with an OutboundError. */
  post(request: OutboundRequest): Promise<OutboundAnswer>;
}

/** Finds the addresses of a name, as node:dns does with `all`. */
export type NameLookup = (
  name: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface OutboundOptions extends UrlPolicy {
  /** The time of the whole exchange, in milliseconds; ten seconds when absent. */
  readonly timeoutMs?: number;
  /** How much of an answer's body is read, in bytes; 64 KiB when absent. */
  readonly mostBytes?: number;
  /** The name server of the system when absent. */
  readonly lookup?: NameLookup;
  /** The certificates that are trusted; those of Node when absent. */
  readonly ca?: string;
}

const ofSystem: NameLookup = (name, callback) => lookupName(name, { all: true }, callback);

/** Makes a client. Each request has a connection of its own, which ends with it. */
export function outboundClient(options: OutboundOptions): OutboundClient {
  const { timeoutMs = 10_000, mostBytes = 64 * 1024, lookup = ofSystem, ca } = options;

  /** Hands on the addresses of a name when all of them are allowed: what was checked is what is connected to. */
  const guarded: LookupFunction = (name, { all }, callback) =>
    lookup(name, (error, addresses) => {
      if (error) return callback(error, "");
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isAllowed(address, options)))
        return callback(new OutboundError("address_refused"), "");
      if (all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

  function send({ url: text, headers, body }: OutboundRequest): ClientRequest {
    const url = readOutboundUrl(text, options);
    // A connection to an address that is written out asks no lookup.
    if (typeof url === "string") throw new OutboundError("address_refused");
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    return request({
      method: "POST",
      protocol: url.protocol,
      hostname: hostOf(url),
      port: url.port || undefined,
      path: url.pathname + url.search,
      headers: { ...headers, "Content-Length": body.length, Connection: "close" },
      // An agent of its own, which knows no proxy.
      agent: false,
      lookup: guarded,
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca }),
    });
  }

  return {
    post: (wanted) =>
      new Promise((resolve, reject) => {
        const request = send(wanted);
        const stop = (): void => void request.destroy(new OutboundError("stopped"));
        const timer = setTimeout(() => request.destroy(new OutboundError("timeout")), timeoutMs);
        const end = (): void => {
          clearTimeout(timer);
          wanted.signal?.removeEventListener("abort", stop);
          // Nothing more of it is of use, and it may go on for ever.
          request.destroy();
        };
        let response: IncomingMessage | undefined;
        const parts: Buffer[] = [];
        const finish = (error?: Error): void => {
          end();
          // Of an answer that breaks off, or takes too long, the status is known all the same.
          if (!response) return reject(asOutboundError(error!));
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(parts).subarray(0, mostBytes) });
        };
        request.on("error", finish);
        request.on("response", (begun) => {
          response = begun;
          let bytes = 0;
          begun.on("data", (part: Buffer) => {
            parts.push(part);
            bytes += part.length;
            if (bytes >= mostBytes) finish();
          });
          begun.on("end", finish).on("error", finish).on("close", finish);
        });
        wanted.signal?.addEventListener("abort", stop);
        if (wanted.signal?.aborted) stop();
        else request.end(wanted.body);
      }),
  };
}

const ofNames = /^(?:ENOTFOUND|EAI_\w+|ENODATA)$/;
const ofTls = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|EPROTO$)/;

function asOutboundError(error: NodeJS.ErrnoException): OutboundError {
  // Where several addresses were tried, the first error stands for all.
  const cause = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  if (cause instanceof OutboundError) return cause;
  const { code = "" } = cause;
  const failure = ofNames.test(code) ? "name_not_found" : ofTls.test(code) ? "tls" : "connection";
  return new OutboundError(failure, { cause });
}
