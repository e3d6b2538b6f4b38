// What the calls of a socket have in common with the request that opened it.
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { CodecName } from "../../contract/codecs/codec.js";

export interface RequestScopeOfSocket {
  /** The network address, as reported by the trusted proxies. */
  readonly ip: string;
  /** Those that say who the client is and which language its user reads. */
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
  readonly codec: CodecName;
  /** Throws, or rejects, when the caller may not call any more. */
  readonly requireLive: () => unknown;
}

/** The headers of the opening request that its calls have too. */
export function keptHeaders({
  "user-agent": agent,
  "accept-language": language,
}: IncomingHttpHeaders): IncomingHttpHeaders {
  return {
    ...(agent !== undefined && { "user-agent": agent }),
    ...(language !== undefined && { "accept-language": language }),
  };
}
