// Content-Type and Accept to codecs, as RFC 9110 has it (sections 8.3 and 12.5.1). Knows what a request says about
// serializations, and nothing of the request itself.
import { ApiError } from "../../errors.js";
import { choose, isNamed, readAccept } from "./accept.js";
import type { CodecName } from "../codecs/codec.js";
import { parseMediaType, type MediaType } from "./media-type.js";

/** What a request says about serializations. */
export interface Negotiable {
  /** All Accept headers, joined with commas; undefined when there is none. */
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  /** The value of `?alt`; undefined when it is not there. */
  readonly alt: string | undefined;
  /** The method reads a body, and one comes: there are bytes, or a Content-Type that announces them. */
  readonly hasBody: boolean;
  /** The full name of the request message, without a leading dot. */
  readonly requestName: string;
  /** The full name of the response message, without a leading dot. */
  readonly responseName: string;
}

/** How one request is read and answered. */
export interface Negotiated {
  /** Undefined when no body comes. */
  readonly request: CodecName | undefined;
  readonly response: CodecName;
  /** The Content-Type of the answer, with charset where due. */
  readonly contentType: string;
  /** The Content-Type of a Problem in the response codec. */
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

/** The preferred media types: what a client is told to use. */
export const supportedTypes: readonly string[] = Object.values(mediaTypes).map(([preferred]) => preferred);

const problemJson = "application/problem+json";

const codecOf: ReadonlyMap<string, CodecName> = new Map([
  ...Object.entries(mediaTypes).flatMap(([codec, types]) => types.map((type) => [type, codec as CodecName] as const)),
  [problemJson, "json"],
]);

const answerTypes: readonly string[] = Object.values(mediaTypes).flat();

/** `?alt` to codec. */
const alternatives: ReadonlyMap<string, CodecName> = new Map([
  ["json", "json"],
  ["proto", "protobuf"],
  ["protojson", "protojson"],
]);

/** The values of the parameter `encoding` that agree with a codec. */
const encodings: Readonly<Record<CodecName, readonly string[]>> = {
  json: ["json", "utf-8", "utf8"],
  protobuf: ["binary"],
  protojson: ["json"],
};

/**
 * Chooses the codecs of a request and of its answer. Throws MALFORMED_REQUEST (an unknown `alt`, an immoderate Accept),
 * then NOT_ACCEPTABLE, then UNSUPPORTED_MEDIA_TYPE.
 */
export function negotiate(input: Negotiable): Negotiated {
  return remembered(negotiated, input, () => {
    const sent = sentType(input);
    const type = answerType(input, sent, input.responseName);
    if (type === undefined) {
      const detail = `Accept leaves none of the media types that there are: ${supportedTypes.join(", ")}`;
      throw new ApiError("NOT_ACCEPTABLE", detail, { supported: supportedTypes });
    }
    return negotiatedOf(input, input.hasBody ? readableCodec(sent, input) : undefined, type);
  });
}

/**
 * Chooses the codec of an error: the one that a success would have had, else that of the request, else json. Never
 * throws. Which message a media type names is not looked at, so the names may be empty.
 */
export function negotiateError(input: Negotiable): Negotiated {
  return remembered(ofErrors, input, () => {
    const sent = sentType(input);
    let type: string | undefined;
    try {
      type = answerType(input, sent, undefined);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    return negotiatedOf(input, sent && codecOf.get(sent.type), type ?? sent?.type ?? mediaTypes.json[0]);
  });
}

/** The media type of the body, when it is one of ours; its parameters may still say otherwise. */
function sentType({ hasBody, contentType }: Negotiable): MediaType | undefined {
  const sent = hasBody && contentType !== undefined ? parseMediaType(contentType) : undefined;
  return sent && answerTypes.includes(sent.type) ? sent : undefined;
}

function readableCodec(sent: MediaType | undefined, { contentType, requestName }: Negotiable): CodecName {
  const isReadable = sent && fits(sent.params, sent.type, requestName) && !isDelimited(sent.params);
  if (isReadable) return codecOf.get(sent.type)!;
  const what = contentType
    ? "The media type of the body is not read, or not with these parameters"
    : "The body has no Content-Type";
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", `${what}; there is ${supportedTypes.join(", ")}`, {
    supported: supportedTypes,
  });
}

/** The media type of the answer; undefined when Accept excludes all. `messageName` undefined: any message will do. */
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
  return choose(ranges, [mirrored, ...answerTypes], (params, type) => fits(params, type, messageName));
}

function negotiatedOf(input: Negotiable, request: CodecName | undefined, type: string): Negotiated {
  const response = codecOf.get(type)!;
  const contentType = withCharset(response, type);
  return { request, response, contentType, problemType: response === "json" ? jsonProblemType(input) : contentType };
}

/** A Problem is problem+json, but to a client that names application/json and leaves no room for the other. */
function jsonProblemType({ accept, alt }: Negotiable): string {
  const ranges = (alt === undefined && readAccept(accept)) || [];
  const [json] = mediaTypes.json;
  const isPlain = isNamed(ranges, json, fits) && choose(ranges, [problemJson], fits) === undefined;
  return withCharset("json", isPlain ? json : problemJson);
}

function withCharset(codec: CodecName, type: string): string {
  return codec === "protobuf" ? type : `${type}; charset=utf-8`;
}

/** Whether the parameters that we know allow a type. Of `messageType` and `proto` any will do without a name. */
function fits(params: ReadonlyMap<string, string>, type: string, messageName?: string): boolean {
  if (params.size === 0) return true;
  const codec = codecOf.get(type)!;
  const allows = (name: string, isAllowed: (value: string) => boolean): boolean => {
    const value = params.get(name);
    return value === undefined || isAllowed(value);
  };
  const isOurs = (value: string): boolean => messageName === undefined || value === messageName;
  return (
    allows("charset", (value) => codec === "protobuf" || /^utf-?8$/i.test(value)) &&
    allows("encoding", (value) => encodings[codec].includes(value.toLowerCase())) &&
    allows("version", (value) => value === "1") &&
    allows("messagetype", isOurs) &&
    allows("proto", isOurs)
  );
}

function isDelimited(params: ReadonlyMap<string, string>): boolean {
  return params.get("delimited")?.toLowerCase() === "true";
}

/**
 * Verdicts by Accept, then by Content-Type (null: no body comes): clients say the same few things over and over. Bounded
 * in entries and in the length of what is kept.
 */
type Memory = Map<string | undefined, Map<string | undefined | null, Negotiated>>;
const negotiated: Memory = new Map();
const ofErrors: Memory = new Map();
const memoryLimits = { accepts: 256, types: 16, length: 512 };

function remembered(memory: Memory, input: Negotiable, decide: () => Negotiated): Negotiated {
  const { accept, alt } = input;
  const contentType = input.hasBody ? input.contentType : null;
  const known = alt === undefined ? memory.get(accept)?.get(contentType) : undefined;
  if (known) return known;
  const verdict = Object.freeze(decide());
  const words = `${accept} ${contentType}`;
  // Words that name a message mean something else for each method.
  if (alt === undefined && words.length <= memoryLimits.length && !/(?:messagetype|proto)=/i.test(words)) {
    const byType = memory.get(accept) ?? new Map<string | undefined | null, Negotiated>();
    keep(memory, accept, byType, memoryLimits.accepts);
    keep(byType, contentType, verdict, memoryLimits.types);
  }
  return verdict;
}

/** Sets an entry; where it is one too many, the oldest goes. */
function keep<Key, Value>(entries: Map<Key, Value>, key: Key, value: Value, most: number): void {
  entries.set(key, value);
  if (entries.size > most) entries.delete(entries.keys().next().value!);
}
