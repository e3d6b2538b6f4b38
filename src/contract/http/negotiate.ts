// Chooses codecs by Content-Type and Accept (RFC 9110, sections 8.3 and 12.5.1). It depends only on the headers and
// parameters of a request that concern serializations.
import { ApiError } from "../../errors.js";
import { choose, readAccept, standing, weight, type Offer, type Range } from "./accept.js";
import type { CodecName } from "../codecs/codec.js";
import { parseMediaType, type MediaType } from "./media-type.js";

/** The parts of a request that concern serializations. */
export interface Negotiable {
  /** All Accept headers, joined with commas; undefined when there is none. */
  readonly accept: string | undefined;
  /** Of a method that reads a message; undefined for others, and when there is none. */
  readonly contentType: string | undefined;
  /** The value of `?alt`; undefined when it is absent. */
  readonly alt: string | undefined;
  /** Whether the method reads a message, and the request certainly has bytes of one. */
  readonly hasBody: boolean;
  /** The full name of the request message, without a leading dot. */
  readonly requestName: string;
  /** The full name of the response message, without a leading dot; undefined where an answer has no body (204). */
  readonly responseName: string | undefined;
}

/** The codecs of one request and its answer. */
export interface Negotiated {
  /** Undefined where there is no Content-Type, and where no codec reads it. */
  readonly request: CodecName | undefined;
  readonly response: CodecName;
  /** The Content-Type of the answer, with its charset where it has one. */
  readonly contentType: string;
  /** The codec of a Problem: that of the answer, or json where Accept names application/problem+json. */
  readonly problem: CodecName;
  /** The Content-Type of a Problem. */
  readonly problemType: string;
}

/** The media types of each codec: the preferred one, then its aliases. */
export const mediaTypes = {
  json: ["application/json"],
  protobuf: [
    "application/protobuf",
    "application/x-protobuf",
    "application/x-protobuffer",
    "application/vnd.google.protobuf",
    "application/x-google-protobuf",
    "application/proto",
  ],
  protojson: ["application/protobuf+json", "application/x-protobuf+json"],
} as const satisfies Record<CodecName, readonly string[]>;

/** The preferred media types, as a Problem lists them in `supported`. */
export const supportedTypes: readonly string[] = Object.values(mediaTypes).map(([preferred]) => preferred);

const problemJson = "application/problem+json";

const codecOf: ReadonlyMap<string, CodecName> = new Map([
  ...Object.entries(mediaTypes).flatMap(([codec, types]) => types.map((type) => [type, codec as CodecName] as const)),
  [problemJson, "json"],
]);

const answerTypes: readonly string[] = Object.values(mediaTypes).flat();

/** The codecs by the value of `?alt`. */
const alternatives: ReadonlyMap<string, CodecName> = new Map([
  ["json", "json"],
  ["proto", "protobuf"],
  ["protojson", "protojson"],
]);

/** The values of the parameter `encoding` that match a codec. */
const encodings: Readonly<Record<CodecName, readonly string[]>> = {
  json: ["json", "utf-8", "utf8"],
  protobuf: ["binary"],
  protojson: ["json"],
};

/**
 * Chooses the codecs of a request and of its answer. Throws MALFORMED_REQUEST (an unknown `alt`, an Accept beyond its limits),
 * then NOT_ACCEPTABLE, then UNSUPPORTED_MEDIA_TYPE. Where an answer has no body, Accept chooses the codec of errors alone, and
 * refuses nothing.
 */
export function negotiate(input: Negotiable): Negotiated {
  const hasAnswer = input.responseName !== undefined;
  const result = cached(hasAnswer ? negotiated : withoutAnswer, input, () => {
    const sent = sentType(input);
    const type = answerType(input, sent, input.responseName);
    if (type !== undefined || !hasAnswer) return negotiatedOf(input, sent, type ?? leastRefused(input, sent));
    const detail = `Accept leaves none of the media types that there are: ${supportedTypes.join(", ")}`;
    throw new ApiError("NOT_ACCEPTABLE", detail, { supported: supportedTypes });
  });
  if (input.hasBody && result.request === undefined) throw unreadableType(input.contentType);
  return result;
}

/** The UNSUPPORTED_MEDIA_TYPE of a body that no codec reads. */
export function unreadableType(contentType: string | undefined): ApiError {
  const what = contentType
    ? "The media type of the body is not read, or not with these parameters"
    : "The body has no Content-Type";
  return new ApiError("UNSUPPORTED_MEDIA_TYPE", `${what}; there is ${supportedTypes.join(", ")}`, {
    supported: supportedTypes,
  });
}

/**
 * Chooses the codec of an error: the one that a success would have had, else that of the request, else json, unless Accept
 * excludes them. Never throws. The names of messages are not compared, so they may be empty.
 */
export function negotiateError(input: Negotiable): Negotiated {
  return cached(ofErrors, input, () => {
    const sent = sentType(input);
    let type: string | undefined;
    try {
      type = answerType(input, sent, undefined);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    return negotiatedOf(input, sent, type ?? leastRefused(input, sent));
  });
}

/** The first type with the highest standing in Accept, for an error, which is sent whatever the client accepts. */
function leastRefused(input: Negotiable, sent: MediaType | undefined): string {
  const types = [sent?.type ?? mediaTypes.json[0], problemJson, ...answerTypes];
  const ranges = acceptOf(input);
  const standings = types.map<number>((type) => standing(ranges, type, offerOf()));
  return types[standings.indexOf(Math.max(...standings))]!;
}

/** The ranges of Accept; none where `alt` overrides it or it exceeds the limits. */
function acceptOf({ accept, alt }: Negotiable): readonly Range[] {
  return (alt === undefined && readAccept(accept)) || [];
}

/** The media type of the body, when a codec has it. Its parameters are not checked yet. */
function sentType({ contentType }: Negotiable): MediaType | undefined {
  const sent = contentType === undefined ? undefined : parseMediaType(contentType);
  return sent && answerTypes.includes(sent.type) ? sent : undefined;
}

/** The codec that reads a body of this type, with its parameters; undefined where none does. */
function readableCodec({ type, params }: MediaType, requestName: string): CodecName | undefined {
  return fits(params, type, requestName) && !isDelimited(params) ? codecOf.get(type) : undefined;
}

/** The media type of the answer; undefined when Accept excludes all. Without `messageName`, any message is accepted. */
function answerType(
  input: Negotiable,
  sent: MediaType | undefined,
  messageName: string | undefined,
): string | undefined {
  const mirrored = sent?.type ?? mediaTypes.json[0];
  if (input.alt !== undefined) {
    const codec = alternatives.get(input.alt);
    if (!codec) throw new ApiError("MALFORMED_REQUEST", `alt is one of ${[...alternatives.keys()].join(", ")}`);
    return codecOf.get(mirrored) === codec ? mirrored : mediaTypes[codec][0];
  }
  const ranges = readAccept(input.accept);
  if (!ranges)
    throw new ApiError("MALFORMED_REQUEST", "The Accept header is longer than 8 KiB or has more than 64 members");
  if (ranges.length === 0) return mirrored;
  return choose(ranges, [mirrored, ...answerTypes], offerOf(messageName));
}

function negotiatedOf(input: Negotiable, sent: MediaType | undefined, type: string): Negotiated {
  const request = sent && readableCodec(sent, input.requestName);
  const response = codecOf.get(type)!;
  const contentType = withCharset(response, type);
  const problem = namesProblems(input, type) ? "json" : response;
  return {
    request,
    response,
    contentType,
    problem,
    problemType: problem === "json" ? jsonProblemType(input) : contentType,
  };
}

/** Whether Accept names the media type of a Problem, which no success has, and does not prefer `type` to it. */
function namesProblems(input: Negotiable, type: string): boolean {
  const named = acceptOf(input).filter((range) => range.type === problemJson);
  const wanted = weight(named, problemJson, offerOf());
  return wanted > 0 && wanted >= weight(acceptOf(input), type, offerOf());
}

/** The media type of a Problem as JSON: problem+json, except when Accept prefers application/json to it. */
function jsonProblemType(input: Negotiable): string {
  const ranges = acceptOf(input);
  const plain = standing(ranges, mediaTypes.json[0], offerOf());
  const problem = standing(ranges, problemJson, offerOf());
  return withCharset("json", plain > problem ? mediaTypes.json[0] : problemJson);
}

function offerOf(messageName?: string): Offer {
  return {
    fits: (params, type) => fits(params, type, messageName),
    mainType: (type) => (type === problemJson ? type : mediaTypes[codecOf.get(type)!][0]),
  };
}

function withCharset(codec: CodecName, type: string): string {
  return codec === "protobuf" ? type : `${type}; charset=utf-8`;
}

/** Whether the known parameters match a type. Without a name, any `messageType` and `proto` are accepted. */
function fits(params: ReadonlyMap<string, string>, type: string, messageName?: string): boolean {
  if (params.size === 0) return true;
  const codec = codecOf.get(type)!;
  const allows = (name: string, isAllowed: (value: string) => boolean): boolean => {
    const value = params.get(name);
    return value === undefined || isAllowed(value);
  };
  const isOurs = (value: string): boolean => messageName === undefined || value === messageName;
  return (
    allows("charset", (value) => codec === "protobuf" || /^(?:utf-?8|(?:us-)?ascii)$/i.test(value)) &&
    allows("encoding", (value) => encodings[codec].includes(value.toLowerCase())) &&
    allows("version", (value) => /^1(?:\.0)?$/.test(value)) &&
    allows("messagetype", isOurs) &&
    allows("proto", isOurs)
  );
}

function isDelimited(params: ReadonlyMap<string, string>): boolean {
  return params.get("delimited")?.toLowerCase() === "true";
}

/**
 * Results by Accept, then by Content-Type, because most requests have the same few headers. The
 * number of entries and the length of their keys are bounded.
 */
type Cache = Map<string | undefined, Map<string | undefined, Negotiated>>;
const negotiated: Cache = new Map();
const withoutAnswer: Cache = new Map();
const ofErrors: Cache = new Map();
const cacheLimits = { accepts: 256, types: 16, length: 512 };

function cached(cache: Cache, input: Negotiable, decide: () => Negotiated): Negotiated {
  const { accept, alt, contentType } = input;
  const known = alt === undefined ? cache.get(accept)?.get(contentType) : undefined;
  if (known) return known;
  const result = Object.freeze(decide());
  const headers = `${accept} ${contentType}`;
  // The result for headers that name a message depends on the method.
  if (alt === undefined && headers.length <= cacheLimits.length && !/(?:messagetype|proto)=/i.test(headers)) {
    const byType = cache.get(accept) ?? new Map<string | undefined, Negotiated>();
    keep(cache, accept, byType, cacheLimits.accepts);
    keep(byType, contentType, result, cacheLimits.types);
  }
  return result;
}

/** Sets an entry, and deletes the oldest one when there are more than `most`. */
function keep<Key, Value>(entries: Map<Key, Value>, key: Key, value: Value, most: number): void {
  entries.set(key, value);
  if (entries.size > most) entries.delete(entries.keys().next().value!);
}
