// An exchange with everything that several invariants need of it, computed once.
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { codecOf, decode, type CodecName, type Plain } from "../client/encoding.js";
import type { Exchange } from "../client/client.js";
import { content, type RawAnswer, type RawRequest } from "../client/exchange.js";
import { expectedCoding, expectedType, type ExpectedCoding, type ExpectedType } from "./negotiation.js";
import type { PathFinder, Place } from "./path-finder.js";

/** Receives a fault, as a sentence. */
export type Report = (fault: string) => void;

export interface ExchangeFacts {
  readonly request: RawRequest;
  readonly answer: RawAnswer;
  /** Headers of the request by their names in lower case; the values of a repeated header are joined with ", ". */
  readonly sent: Readonly<Record<string, string>>;
  readonly verb: string;
  /** The path without the query, as it was sent. */
  readonly path: string;
  /** The methods of the contract at the path. */
  readonly place: Place | undefined;
  /** The method that answers; for HEAD the method of GET. */
  readonly rpc: Rpc | undefined;
  readonly isProblem: boolean;
  /** Whether a body is allowed: not for HEAD, 204 and 304. */
  readonly canHaveBody: boolean;
  /** Whether the HTTP parser refused the head of the request, before any other part of the server read it. */
  readonly isHeadRefused: boolean;
  /** The codec of the Content-Type; undefined when the type is unknown. */
  readonly codec: CodecName | undefined;
  /** Undefined where the request is ambiguous. */
  readonly expectedType: ExpectedType | undefined;
  readonly expectedCoding: ExpectedCoding | undefined;
  /** The body without its content coding; undefined when there is none, or it cannot be decompressed. */
  readonly content: Buffer | undefined;
  /** The body as the expected message; undefined when there is none, or it is not that message. */
  readonly message: Plain | undefined;
}

/** Reads an exchange. A body that cannot be read is reported. */
export async function factsOf(
  descriptors: Descriptors,
  find: PathFinder,
  exchange: Exchange,
  report: Report,
): Promise<ExchangeFacts> {
  const { request, answer } = exchange;
  const sent = joined(request.headers ?? []);
  // A request target may be an absolute URL (RFC 9112, section 3.2.2).
  const target = request.path.replace(/^[a-z][\w+.-]*:\/\/[^/?]*/i, "");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const place = find(path);
  const rpc = place?.rpcs.get(request.verb === "HEAD" ? "GET" : request.verb);
  const isProblem = answer.status >= 400;
  const canHaveBody = request.verb !== "HEAD" && answer.status !== 204 && answer.status !== 304;
  const codec = codecOf(answer.headers["content-type"]);
  const type = isProblem ? descriptors.problem : rpc?.response;
  let bytes = canHaveBody ? exchange.read?.content : undefined;
  let message = canHaveBody ? exchange.read?.message : undefined;
  try {
    if (canHaveBody) bytes ??= await content(answer);
    if (bytes && type && codec) message ??= decode(descriptors.registry, type, bytes, codec);
  } catch (error) {
    const why = (error as Error).message.slice(0, 600);
    report(bytes ? `The body is not a ${type?.typeName}: ${why}` : `The body cannot be decompressed: ${why}`);
  }
  return {
    request,
    answer,
    sent,
    verb: request.verb,
    path,
    place,
    rpc,
    isProblem,
    canHaveBody,
    isHeadRefused: answer.status === 431 || (answer.status === 400 && !isHttp(target, request)),
    codec,
    expectedType: expectedType({ sent, verb: request.verb, query: mark < 0 ? "" : target.slice(mark + 1), rpc }),
    expectedCoding: expectedCoding(sent["accept-encoding"]),
    content: bytes,
    message,
  };
}

/** Whether the head of a request is valid HTTP (RFC 9112, sections 3.2 and 6.3). */
function isHttp(target: string, { headers = [] }: RawRequest): boolean {
  const framing = headers.filter(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  return framing.length < 2 && /^[\x21-\x7e]*$/.test(target);
}

function joined(headers: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    sent[key] = key in sent ? `${sent[key]}, ${value}` : value;
  }
  return sent;
}
