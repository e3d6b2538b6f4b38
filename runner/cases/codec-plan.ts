// How a case is played: in which serializations each of its calls goes.
import type { Pair } from "../client/client.js";
import type { CodecName } from "../client/encoding.js";

/** The name says it to people; `pairOf` gives the serializations of a call, by its number within the play, from 0. */
export interface Manner {
  readonly name: string;
  pairOf(call: number): Pair;
}

/** All calls are sent in one serialization and answered in one. */
export function steadily(pair: Pair): Manner {
  const name = pair.request === pair.response ? pair.request : `${pair.request} to ${pair.response}`;
  return { name, pairOf: () => pair };
}

/** Each serialization of the request with each of the answer: of three, nine pairs; those that are the same both ways first. */
export function pairsOf(codecs: readonly CodecName[]): Pair[] {
  const pairs = codecs.flatMap((request) => codecs.map((response) => ({ request, response })));
  return pairs.sort((a, b) => Number(a.request !== a.response) - Number(b.request !== b.response));
}

/** What one call writes in one serialization, the next reads in another. Undefined when there is only one. */
export function relay(codecs: readonly CodecName[]): Manner | undefined {
  if (codecs.length < 2) return undefined;
  const at = (call: number): CodecName => codecs[call % codecs.length]!;
  return { name: "relay", pairOf: (call) => ({ request: at(call), response: at(call + 1) }) };
}

/** Every way in which a case is played. */
export function mannersOf(codecs: readonly CodecName[]): Manner[] {
  const mixed = relay(codecs);
  return [...pairsOf(codecs).map(steadily), ...(mixed ? [mixed] : [])];
}
