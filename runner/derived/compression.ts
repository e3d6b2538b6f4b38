// Content codings of responses: the message is the same in each. (The invariants check the headers of every response, and
// the bound of 1,024 bytes from which on a body is compressed.)
import { differences } from "../match.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import type { Plain } from "../client/encoding.js";
import { rulesOf } from "../client/rules.js";
import { probes } from "../values/probes.js";
import { derived, rotatedCodecs, type Derive } from "./derivation.js";
import { ReusableRequest } from "./reusable-request.js";

const codings = ["gzip", "br", "gzip;q=0.5, br;q=1", "br;q=0, *", "identity", "gzip;q=0", "*;q=0, identity"];

export const compressionChecks: Derive = (derivation, rpc) =>
  rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "compression", "the same answer in each coding", codec, async (findings, fresh) => {
      const usual = await fresh();
      const large = largest(derivation.descriptors, rpc, usual.request);
      const expected = usual.comparable(await usual.send({}, large(usual.request)));
      const reusable = new ReusableRequest(fresh);
      for (const coding of codings) {
        await findings.using(`Accept-Encoding: ${coding}`, reusable, async (prepared) => {
          const answer = await prepared.send({ headers: { "accept-encoding": coding } }, large(prepared.request));
          return { faults: differences(prepared.comparable(answer), expected, true), curl: answer.curl };
        });
      }
    }),
  );

/** Makes the texts of a request as long as they may be: a response that repeats them is then large. */
function largest(descriptors: Descriptors, rpc: Rpc, template: Plain): (request: Plain) => Plain {
  if (!rpc.hasBody) return (request) => request;
  const longest = probes(descriptors, rpc.request, template).filter(
    ({ side, rule }) => side === "inside" && rule === "string.max_len",
  );
  // A text that the response repeats, with no rule but its length.
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
