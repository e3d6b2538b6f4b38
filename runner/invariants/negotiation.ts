// The expected result of content negotiation: Accept, alt and Accept-Encoding (RFC 9110, section 12). Where a request is
// ambiguous, no result is expected.
import type { Rpc } from "../client/descriptors.js";
import { codecByAlt, codecOf, mediaTypeNames, mediaTypes, problemJson } from "../client/encoding.js";

/** The expected media type. */
export interface ExpectedType {
  /** The Content-Type of a success. */
  readonly success: string;
  /** The Content-Type of a Problem. */
  readonly problem: string;
  /** Whether no acceptable media type can be written: 406. */
  readonly isUnacceptable: boolean;
}

interface Asked {
  readonly sent: Readonly<Record<string, string>>;
  readonly verb: string;
  readonly query: string;
  readonly rpc: Rpc | undefined;
}

/** The expected Content-Type; undefined where the request is ambiguous. */
export function expectedType({ sent, verb, query, rpc }: Asked): ExpectedType | undefined {
  const mirrored = mirroredType(sent["content-type"], verb, rpc);
  if (mirrored === undefined) return undefined;
  const alternatives = query.includes("alt") || query.includes("%") ? new URLSearchParams(query).getAll("alt") : [];
  if (alternatives.length > 0) {
    const codec = codecByAlt[alternatives.join(",")];
    const type = codec === undefined || codecOf(mirrored) === codec ? mirrored : mediaTypes[codec];
    return expected(type, problemJson);
  }
  const ranges = rangesOf(sent["accept"]);
  if (!ranges) return undefined;
  if (ranges.length === 0) return expected(mirrored, problemJson);
  const type = choose(ranges, [mirrored, ...answerTypes]);
  const jsonProblem = leastRefused(ranges, [problemJson, mediaTypes.json]);
  const written = type ?? leastRefused(ranges, [mirrored, problemJson, ...answerTypes]);
  // Where nothing is returned, Accept chooses the serialization of errors alone.
  const { success, problem } = expected(written, jsonProblem);
  const isUnacceptable = type === undefined && rpc?.success !== 204;
  return { success, problem: namesProblems(ranges, written) ? contentType(jsonProblem) : problem, isUnacceptable };
}

/** Whether problem+json, which only an error can be in, is named with at least the weight of the type of a success. */
function namesProblems(ranges: readonly Range[], written: string): boolean {
  const weights = ranges.filter(({ type }) => type === problemJson).map(({ q }) => q);
  const most = Math.max(0, ...weights);
  return most > 0 && most >= (rankOf(ranges, written)?.[0] ?? 0);
}

/** Every media type of the serializations, in the server's order of preference. */
const answerTypes = (["json", "protobuf", "protojson"] as const).flatMap((codec) => mediaTypeNames[codec]);

function expected(type: string, jsonProblem: string): ExpectedType {
  const written = contentType(type);
  return {
    success: written,
    problem: codecOf(type) === "json" ? contentType(jsonProblem) : written,
    isUnacceptable: false,
  };
}

/** A media type in the form of a Content-Type. */
export function contentType(type: string): string {
  return codecOf(type) === "protobuf" ? type : `${type}; charset=utf-8`;
}

/** The media type of the request's body, which the response mirrors; json where it is unknown. */
function mirroredType(sent: string | undefined, verb: string, rpc: Rpc | undefined): string | undefined {
  if (sent === undefined) return mediaTypes.json;
  // Whether the type of an ignored body is mirrored depends on when the request is refused.
  if (rpc ? !rpc.hasBody : !/^(POST|PUT|PATCH)$/.test(verb)) return undefined;
  const plain = /^[\w.+-]+\/[\w.+-]+$/.exec(sent.trim())?.[0].toLowerCase();
  if (plain === undefined) return undefined;
  return answerTypes.includes(plain) ? plain : mediaTypes.json;
}

interface Range {
  readonly type: string;
  readonly q: number;
}

/** A server need not read more members. */
const mostMembers = 60;

/** The members of Accept; undefined when one of them has other parameters than a weight. */
function rangesOf(accept: string | undefined): readonly Range[] | undefined {
  if (accept === undefined) return [];
  const members = accept.split(",");
  if (members.length > mostMembers) return undefined;
  const ranges: Range[] = [];
  for (const member of members) {
    if (/^[ \t]*$/.test(member)) continue;
    const [, type, q] = /^[ \t]*(\*|[\w.+*-]+\/[\w.+*-]+)[ \t]*(?:;[ \t]*q=([\d.]*)[ \t]*)?$/i.exec(member) ?? [];
    if (type === undefined) return undefined;
    const weight = q === undefined || q === "" ? 1 : Number(q);
    if (Number.isNaN(weight)) return undefined;
    ranges.push({ type: type === "*" ? "*/*" : type.toLowerCase(), q: Math.min(weight, 1) });
  }
  return ranges;
}

/** The most preferred type; undefined when none is acceptable. Of equals, the first one in `types`. */
function choose(ranges: readonly Range[], types: readonly string[]): string | undefined {
  let best: { type: string; rank: readonly number[] } | undefined;
  for (const type of types) {
    const rank = rankOf(ranges, type);
    if (rank && rank[0]! > 0 && (!best || isHigher(rank, best.rank))) best = { type, rank };
  }
  return best?.type;
}

/** The first acceptable type; else the first one that no range matches; else, when all have q=0, the first. */
function leastRefused(ranges: readonly Range[], types: readonly string[]): string {
  const weights = types.map((type) => rankOf(ranges, type)?.[0]);
  const at = [weights.findIndex((weight) => weight !== undefined && weight > 0), weights.indexOf(undefined), 0];
  return types[at.find((index) => index >= 0)!]!;
}

/** Weight, specificity and place of the range for a type. An alias that is not named has the weight of its main type. */
function rankOf(ranges: readonly Range[], type: string): readonly [number, number, number] | undefined {
  const rank = ownRank(ranges, type);
  const codec = type === problemJson ? undefined : codecOf(type);
  if (!rank || rank[1] === named || codec === undefined) return rank;
  return [ownRank(ranges, mediaTypes[codec])?.[0] ?? rank[0], rank[1], rank[2]];
}

/** The specificity of a range with the name of the type. */
const named = 2;

/** Weight, specificity and place of the most specific range that matches a type. */
function ownRank(ranges: readonly Range[], type: string): readonly [number, number, number] | undefined {
  let best: [number, number, number] | undefined;
  const wildcard = `${type.slice(0, type.indexOf("/"))}/*`;
  for (const [at, range] of ranges.entries()) {
    const specificity = ["*/*", wildcard, type].indexOf(range.type);
    if (specificity < 0 || (best && (best[1] > specificity || (best[1] === specificity && best[0] >= range.q))))
      continue;
    best = [range.q, specificity, -at];
  }
  return best;
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && a[at]! > b[at]!;
}

/** The content codings that a request allows. */
export interface ExpectedCoding {
  readonly allowed: readonly string[];
  /** The most preferred ones; empty when the identity coding is as good. */
  readonly preferred: readonly string[];
  /** Whether the identity coding is preferred to all others. */
  readonly isPlainPreferred: boolean;
}

/** The codings that Accept-Encoding allows; undefined when it is ambiguous. */
export function expectedCoding(acceptEncoding: string | undefined): ExpectedCoding | undefined {
  if (acceptEncoding === undefined) return nothing;
  if (acceptEncoding.length > 1000) return undefined;
  const weights = new Map<string, number>();
  for (const member of acceptEncoding.toLowerCase().split(",")) {
    if (/^[ \t]*$/.test(member)) continue;
    const [, name, q = "1"] = /^[ \t]*([\w*-]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d*)?|1(?:\.0*)?)[ \t]*)?$/.exec(member) ?? [];
    if (name === undefined || weights.has(name)) return undefined;
    weights.set(name, Number(q));
  }
  const weigh = (name: string): number => weights.get(name) ?? weights.get(`x-${name}`) ?? weights.get("*") ?? 0;
  const allowed = ["br", "gzip"].filter((name) => weigh(name) > 0);
  const most = Math.max(...allowed.map(weigh));
  const plain = weights.get("identity") ?? 0;
  const preferred = most <= plain ? [] : allowed.filter((name) => weigh(name) === most);
  return { allowed, preferred, isPlainPreferred: plain > most };
}

const nothing: ExpectedCoding = { allowed: [], preferred: [], isPlainPreferred: false };
