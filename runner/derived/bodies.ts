// The encodings of a message: equivalent ones are read alike, and malformed ones are refused.
import { isDeepStrictEqual } from "node:util";
import { refused, sameMeaning } from "../encodings/encodings.js";
import { truncations } from "../encodings/binary/truncations.js";
import type { Variant } from "../encodings/variant.js";
import { differences } from "../match.js";
import type { CodecName, Plain } from "../client/encoding.js";
import { withoutPath, type Called } from "../client/client.js";
import type { PreparedRequest } from "./example-request.js";
import { derived, limitOf, malformed, rotatedCodecs, tooLarge, type Derive } from "./derivation.js";
import { ReusableRequest, type Found } from "./reusable-request.js";

export const bodyChecks: Derive = (derivation, rpc) => {
  if (!rpc.hasBody) return [];
  const { descriptors } = derivation;
  const limit = limitOf(derivation, rpc);
  const variantsOf = (list: typeof sameMeaning, prepared: PreparedRequest, codec: CodecName) =>
    list(descriptors, rpc.request, withoutPath(rpc, prepared.request), codec);
  const readable = ({ body }: Variant): boolean => body.length <= limit;
  return rotatedCodecs(derivation, rpc).flatMap((codec) => [
    derived(derivation, rpc, "encodings", "every encoding of the same message", codec, async (findings, fresh) => {
      const usual = await fresh();
      const whole = await usual.send();
      findings.succeeded("in its usual encoding", usual, whole);
      const reusable = new ReusableRequest(fresh);
      for (const { name } of variantsOf(sameMeaning, usual, codec).filter(readable)) {
        await findings.using(name, reusable, async (prepared) => {
          const variant = variantsOf(sameMeaning, prepared, codec).find((one) => one.name === name);
          if (!variant) return { faults: [], curl: "" };
          return compare(prepared, await prepared.send({ body: variant.body }), usual.comparable(whole));
        });
      }
    }),
    derived(derivation, rpc, "encodings", "malformed bodies are refused", codec, async (findings, fresh) => {
      const prepared = await fresh();
      for (const { name, body } of variantsOf(refused, prepared, codec))
        await findings.during(name, async () => {
          const answer = await prepared.send({ body });
          findings.refused(name, answer, body.length > limit ? tooLarge : malformed);
        });
    }),
    derived(derivation, rpc, "encodings", "a body that is truncated at any byte", codec, async (findings, fresh) => {
      const prepared = await fresh();
      const cuts = (one: PreparedRequest) =>
        truncations(descriptors, rpc.request, withoutPath(rpc, one.request), codec);
      // Without any byte it is not truncated, but absent, in every serialization.
      for (const cut of cuts(prepared).filter(({ body }) => body.length > 0)) {
        await findings.during(cut.name, async () => {
          if (cut.meaning === undefined) {
            findings.refused(cut.name, await prepared.send({ body: cut.body }), malformed);
            return;
          }
          // A cut between two fields is a shorter message: the answer is that of the shorter message in its usual encoding.
          const whole = await fresh();
          const meaning = cuts(whole).find((other) => isAlike(other.meaning, cut.meaning))?.meaning;
          const path = Object.fromEntries(rpc.pathFields.map((name) => [name, whole.request[name]]));
          const expected = whole.comparable(await whole.send({}, { ...meaning, ...path }));
          const short = await fresh();
          const again = cuts(short).find((other) => isAlike(other.meaning, cut.meaning));
          if (!meaning || !again) return;
          const { faults, curl } = compare(short, await short.send({ body: again.body }), expected);
          findings.add(cut.name, faults, curl);
        });
      }
    }),
  ]);
};

function compare(prepared: PreparedRequest, answer: Called, expected: unknown): Found {
  return { faults: differences(prepared.comparable(answer), expected, true), curl: answer.curl };
}

/** Whether two messages have the same fields: an id of another length moves the bytes between two requests. */
function isAlike(one: Plain | undefined, other: Plain | undefined): boolean {
  const outline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(outline);
    if (typeof value !== "object" || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, outline(inner)]));
  };
  return one !== undefined && other !== undefined && isDeepStrictEqual(outline(one), outline(other));
}
