// Content codings of answers: the same message, whatever it is packed in; from 1,024 bytes on (the witness of every answer
// holds that bound and the headers).
import { differences } from "../match.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { rulesOf } from "../client/rules.js";
import { probes } from "../values/probes.js";
import { derived, type Derive } from "./derivation.js";
import { Stock } from "./reusable-request.js";

const codings = ["gzip", "br", "gzip;q=0.5, br;q=1", "br;q=0, *", "identity", "gzip;q=0", "*;q=0, identity"];

export const compressionChecks: Derive = (derivation, rpc) =>
  derivation.codecs.map((codec) =>
    derived(derivation, rpc, "compression", "the same answer in each coding", codec, async (findings, fresh) => {
      const usual = await fresh();
      const large = largest(derivation.descriptors, rpc, usual.request);
      const expected = usual.said(await usual.send({}, large(usual.request)));
      const stock = new Stock(fresh);
      for (const coding of codings) {
        await findings.trying(`Accept-Encoding: ${coding}`, stock, async (ready) => {
          const answer = await ready.send({ headers: { "accept-encoding": coding } }, large(ready.request));
          return { faults: differences(ready.said(answer), expected, true), curl: answer.curl };
        });
      }
    }),
  );

/** What makes a request as long as it can be: an answer that holds what was sent is large then. */
function largest(descriptors: Descriptors, rpc: Rpc, template: Plain): (request: Plain) => Plain {
  if (!rpc.hasBody) return (request) => request;
  const longest = probes(descriptors, rpc.request, template).filter(
    ({ side, rule }) => side === "inside" && rule === "string.max_len",
  );
  // A text that comes back, and that nothing else is held against.
  const isFree = (name: string): boolean => {
    const field = rpc.request.fields.find((one) => one.name === name)!;
    if (!rpc.response.fields.some((twin) => twin.name === name)) return false;
    return Object.keys(rulesOf(descriptors, field).of).every((rule) =>
      ["min_len", "max_len", "example"].includes(rule),
    );
  };
  const long = longest.filter(({ field }) => typeof template[field] === "string" && isFree(field));
  return (request) => ({ ...request, ...Object.fromEntries(long.map(({ field, value }) => [field, value[field]])) });
}
