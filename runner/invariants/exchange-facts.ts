// One answer beside its request, with all that several laws want to know of the two, found out once.
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { codecOf, decode, type CodecName, type Plain } from "../client/encoding.js";
import { content, type RawAnswer, type RawRequest } from "../client/exchange.js";
import { dueCoding, dueType, type DueCoding, type DueType } from "./negotiation.js";
import type { Atlas, Place } from "./path-finder.js";

/** What the witness is shown. */
export interface Seen {
  readonly request: RawRequest;
  readonly answer: RawAnswer;
  /** The answer's body, where it has been read already: without its content coding, and as a message. */
  readonly read?: { readonly content: Buffer; readonly message: Plain } | undefined;
}

/** Takes down what is wrong, as a sentence. */
export type Tell = (fault: string) => void;

export interface Sighting {
  readonly request: RawRequest;
  readonly answer: RawAnswer;
  /** Headers of the request by their names in lower case; one that came twice is joined with ", ". */
  readonly sent: Readonly<Record<string, string>>;
  readonly verb: string;
  /** The path without query, as it was sent. */
  readonly path: string;
  /** What the contract has at the path. */
  readonly place: Place | undefined;
  /** The method that answers; for HEAD that of GET. */
  readonly rpc: Rpc | undefined;
  readonly isProblem: boolean;
  /** Whether there can be a body: not on HEAD, 204 and 304. */
  readonly canHaveBody: boolean;
  /** The HTTP server below the contract refused the head of the request: nothing in it was looked at. */
  readonly isHeadRefused: boolean;
  /** The codec of the Content-Type; undefined when it is none of ours. */
  readonly codec: CodecName | undefined;
  /** Undefined where the request leaves room for doubt. */
  readonly dueType: DueType | undefined;
  readonly dueCoding: DueCoding | undefined;
  /** The body without its content coding; undefined when there is none, or it cannot be had. */
  readonly content: Buffer | undefined;
  /** The body as the message that is due; undefined when there is none, or it is not that message. */
  readonly message: Plain | undefined;
}

/** Reads what was seen. A body that cannot be read is told. */
export async function sighting(descriptors: Descriptors, find: Atlas, seen: Seen, tell: Tell): Promise<Sighting> {
  const { request, answer } = seen;
  const sent = joined(request.headers ?? []);
  // A target may be a whole URL (RFC 9112, section 3.2.2).
  const target = request.path.replace(/^[a-z][\w+.-]*:\/\/[^/?]*/i, "");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const place = find(path);
  const rpc = place?.rpcs.get(request.verb === "HEAD" ? "GET" : request.verb);
  const isProblem = answer.status >= 400;
  const canHaveBody = request.verb !== "HEAD" && answer.status !== 204 && answer.status !== 304;
  const codec = codecOf(answer.headers["content-type"]);
  const type = isProblem ? descriptors.problem : rpc?.response;
  let bytes = canHaveBody ? seen.read?.content : undefined;
  let message = canHaveBody ? seen.read?.message : undefined;
  try {
    if (canHaveBody) bytes ??= await content(answer);
    if (bytes && type && codec) message ??= decode(descriptors.registry, type, bytes, codec);
  } catch (error) {
    const why = (error as Error).message.slice(0, 600);
    tell(bytes ? `The body is not a ${type?.typeName}: ${why}` : `The body cannot be decompressed: ${why}`);
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
    dueType: dueType({ sent, verb: request.verb, query: mark < 0 ? "" : target.slice(mark + 1), rpc }),
    dueCoding: dueCoding(sent["accept-encoding"]),
    content: bytes,
    message,
  };
}

/** Whether the head of a request is one of HTTP (RFC 9112, sections 3.2 and 6.3). */
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
