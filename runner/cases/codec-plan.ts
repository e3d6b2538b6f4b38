// The codec plan of a case: the serializations of each of its calls.
import type { Pair } from "../client/client.js";
import type { CodecName } from "../client/encoding.js";

/** `name` is for people; `pairOf` returns the serializations of a call, by its number within the case, from 0. */
export interface CodecPlan {
  readonly name: string;
  /** Whether what can be called over a socket is; the rest goes over HTTP. */
  readonly isOverSocket?: boolean;
  pairOf(call: number): Pair;
}

/** Which pairs of serializations are tried: all, and the relay; or three, which have each serialization on each side once. */
export type Pairs = "all" | "three";
export const pairNames: readonly Pairs[] = ["all", "three"];

/** Every call in the same serializations. */
export function fixedPair(pair: Pair): CodecPlan {
  const name = pair.request === pair.response ? pair.request : `${pair.request} to ${pair.response}`;
  return { name, pairOf: () => pair };
}

/** Each serialization of the request with each of the response: of three, nine pairs; those that are equal first. */
export function allPairs(codecs: readonly CodecName[]): Pair[] {
  const pairs = codecs.flatMap((request) => codecs.map((response) => ({ request, response })));
  return pairs.sort((a, b) => Number(a.request !== a.response) - Number(b.request !== b.response));
}

/**
 * One row of a Latin square: each serialization once in the request and once in the response. Over as many rows as there
 * are serializations, all pairs occur.
 */
export function pairsOfRow(codecs: readonly CodecName[], row: number): Pair[] {
  return codecs.map((request, at) => ({ request, response: codecs[(at + row) % codecs.length]! }));
}

/** Each call reads in another serialization what the call before wrote. Undefined when there is only one serialization. */
export function relay(codecs: readonly CodecName[]): CodecPlan | undefined {
  if (codecs.length < 2) return undefined;
  const at = (call: number): CodecName => codecs[call % codecs.length]!;
  return { name: "relay", pairOf: (call) => ({ request: at(call), response: at(call + 1) }) };
}

/** Over a web socket what can be called over one, the rest over HTTP, all in one serialization. */
export function overSocket(codec: CodecName): CodecPlan {
  const pair = { request: codec, response: codec, isOverSocket: true };
  return { name: `${codec} over a socket`, isOverSocket: true, pairOf: () => pair };
}

/** The codec plans of the case with that number, from 0. */
export function codecPlansOf(codecs: readonly CodecName[], pairs: Pairs, number: number): CodecPlan[] {
  if (pairs === "three") return pairsOfRow(codecs, number).map(fixedPair);
  const mixed = relay(codecs);
  return [...allPairs(codecs).map(fixedPair), ...(mixed ? [mixed] : [])];
}

/**
 * The same where the case has calls that can go over a socket: with `all`, one more in each serialization; with `three`, one serialization
 * goes over a socket and not over HTTP, in turns, so that over the cases each does. Each is still on each side once, and over the cases all
 * pairs occur.
 */
export function codecPlansWithSocket(codecs: readonly CodecName[], pairs: Pairs, number: number): CodecPlan[] {
  if (pairs === "all" || codecs.length === 1)
    return [...codecPlansOf(codecs, pairs, number), ...codecs.map(overSocket)];
  const turn = Math.floor(number / (codecs.length - 1)) % codecs.length;
  const others = codecs.filter((_, at) => at !== turn);
  const rest = pairsOfRow(others, number % others.length).map(fixedPair);
  return [...rest.slice(0, turn), overSocket(codecs[turn]!), ...rest.slice(turn)];
}
