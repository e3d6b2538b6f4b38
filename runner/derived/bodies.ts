// How the same message may be written, and what is no message at all.
import { isDeepStrictEqual } from "node:util";
import { refused, sameMeaning } from "../encodings/encodings.js";
import { truncations } from "../encodings/binary/truncations.js";
import type { Variant } from "../encodings/variant.js";
import { differences } from "../match.js";
import type { CodecName, Plain } from "../client/encoding.js";
import { withoutPath, type Called } from "../client/client.js";
import type { Ready } from "./example-request.js";
import { derived, limitOf, malformed, tooLarge, type Derive } from "./derivation.js";
import { Stock, type Found } from "./reusable-request.js";

export const bodyChecks: Derive = (derivation, rpc) => {
  if (!rpc.hasBody) return [];
  const { descriptors, codecs } = derivation;
  const limit = limitOf(derivation, rpc);
  const variantsOf = (list: typeof sameMeaning, ready: Ready, codec: CodecName) =>
    list(descriptors, rpc.request, withoutPath(rpc, ready.request), codec);
  const readable = ({ body }: Variant): boolean => body.length <= limit;
  return codecs.flatMap((codec) => [
    derived(derivation, rpc, "encodings", "every way to write the same message", codec, async (findings, fresh) => {
      const usual = await fresh();
      const whole = await usual.send();
      findings.succeeded("as it is usually written", usual, whole);
      const stock = new Stock(fresh);
      for (const { name } of variantsOf(sameMeaning, usual, codec).filter(readable)) {
        await findings.trying(name, stock, async (ready) => {
          const variant = variantsOf(sameMeaning, ready, codec).find((one) => one.name === name);
          if (!variant) return { faults: [], curl: "" };
          return compare(ready, await ready.send({ body: variant.body }), usual.said(whole));
        });
      }
    }),
    derived(derivation, rpc, "encodings", "what is no message is refused", codec, async (findings, fresh) => {
      const ready = await fresh();
      for (const { name, body } of variantsOf(refused, ready, codec))
        await findings.during(name, async () => {
          const answer = await ready.send({ body });
          findings.refused(name, answer, body.length > limit ? tooLarge : malformed);
        });
    }),
    derived(derivation, rpc, "encodings", "a message that is cut short anywhere", codec, async (findings, fresh) => {
      let ready = await fresh();
      const cuts = (one: Ready) => truncations(descriptors, rpc.request, withoutPath(rpc, one.request), codec);
      for (const cut of cuts(ready)) {
        await findings.during(cut.name, async () => {
          if (cut.meaning === undefined) {
            findings.refused(cut.name, await ready.send({ body: cut.body }), malformed);
            return;
          }
          // A cut between two fields leaves a message: it is answered as if it had been written so.
          const whole = await fresh();
          const meaning = cuts(whole).find((other) => isAlike(other.meaning, cut.meaning))?.meaning;
          const path = Object.fromEntries(rpc.pathFields.map((name) => [name, whole.request[name]]));
          const expected = whole.said(await whole.send({}, { ...meaning, ...path }));
          ready = await fresh();
          const again = cuts(ready).find((other) => isAlike(other.meaning, cut.meaning));
          if (!meaning || !again) return;
          const { faults, curl } = compare(ready, await ready.send({ body: again.body }), expected);
          findings.add(cut.name, faults, curl);
        });
      }
    }),
  ]);
};

function compare(ready: Ready, answer: Called, expected: unknown): Found {
  return { faults: differences(ready.said(answer), expected, true), curl: answer.curl };
}

/** Whether two messages have the same fields: ids of another length move the bytes between two plays. */
function isAlike(one: Plain | undefined, other: Plain | undefined): boolean {
  const outline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(outline);
    if (typeof value !== "object" || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, outline(inner)]));
  };
  return one !== undefined && other !== undefined && isDeepStrictEqual(outline(one), outline(other));
}
