// The answers to bytes that node:http cannot parse as a request. They are in JSON: no other serialization was negotiated.
import { randomUUID } from "node:crypto";

interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly reason: string;
  readonly detail: string;
}

const malformed = (detail: string): Refusal => ({
  status: 400,
  title: "Bad Request",
  code: "INVALID_ARGUMENT",
  reason: "MALFORMED_REQUEST",
  detail,
});
const notHttp = malformed("This is not an HTTP request");
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    ...malformed("The headers are larger than 16 KiB"),
    status: 431,
    title: "Request Header Fields Too Large",
  },
  // Without chunked at its end, the length of the body is not known (RFC 9112, section 6.3).
  HPE_INVALID_TRANSFER_ENCODING: malformed("Of transfer codings only chunked is read"),
  HPE_INVALID_EOF_STATE: malformed("The request ended before its end"),
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    title: "Request Timeout",
    code: "DEADLINE_EXCEEDED",
    reason: "REQUEST_TIMEOUT",
    detail: "The request did not arrive in time",
  },
  CONNECT: malformed("CONNECT is for a proxy, and this is none"),
};

/** The whole answer, with a Problem, to an error of the parser by its code, or to the verb CONNECT. It closes the connection. */
export function parserRefusal(code: string | undefined): string {
  const refusal = refusals[code ?? ""] ?? notHttp;
  const requestId = randomUUID();
  const body = JSON.stringify({
    type: "about:blank",
    ...refusal,
    instance: "",
    request_id: requestId,
    violations: [],
    supported: [],
    retry_after_seconds: 0,
  });
  const head = [
    `HTTP/1.1 ${refusal.status} ${refusal.title}`,
    "Content-Type: application/problem+json; charset=utf-8",
    "Cache-Control: no-store",
    "Vary: Accept, Accept-Encoding",
    "X-Content-Type-Options: nosniff",
    `X-Request-Id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
