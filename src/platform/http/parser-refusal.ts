// The refusals of bytes that node:http cannot parse as a request, by the code of the parser's error.
import { ApiError } from "../../errors.js";

const malformed = (detail: string): ApiError => new ApiError("MALFORMED_REQUEST", detail);
const notHttp = malformed("This is not an HTTP request");
const refusals: Readonly<Record<string, ApiError>> = {
  HPE_HEADER_OVERFLOW: new ApiError("HEADERS_TOO_LARGE", "The headers are larger than 16 KiB"),
  // Without chunked at its end, the length of the body is not known (RFC 9112, section 6.3).
  HPE_INVALID_TRANSFER_ENCODING: malformed("Of transfer codings only chunked is read"),
  HPE_INVALID_EOF_STATE: malformed("The request ended before its end"),
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError("REQUEST_TIMEOUT", "The request did not arrive in time"),
  CONNECT: malformed("CONNECT is for a proxy, and this is none"),
};

/** An error of the parser, with the chunk in which it was found; or the verb CONNECT as a code. */
export interface ParserError {
  readonly code?: string | undefined;
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/** The whole answer to a refused request, from HTTP/1.1 on, which closes the connection. `target` is empty where it is not known. */
export type WriteRefusal = (error: ApiError, target: string) => string;

/** The refusal for an error of the parser. */
export function parserRefusal({ code }: ParserError): ApiError {
  return refusals[code ?? ""] ?? notHttp;
}

/** The target of a request that could not be parsed, where its first line is in the chunk with the fault; else empty. */
export function unparsedTarget({ rawPacket, bytesParsed = 0 }: ParserError): string {
  if (rawPacket === undefined) return "";
  const text = rawPacket.toString("latin1");
  const endOfOther = text.lastIndexOf("\r\n\r\n", bytesParsed - 4);
  const begin = endOfOther < 0 ? 0 : endOfOther + 4;
  return /^[A-Z]+ ([\x21-\x7e]+) HTTP\/1\.[01]\r?\n/.exec(text.slice(begin, begin + 16 * 1024))?.[1] ?? "";
}
