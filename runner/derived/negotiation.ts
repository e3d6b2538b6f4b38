// In which serialization a request is read and an answer is written: every line of the test vectors, on every method.
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import { codecByAlt, codecOf } from "../client/encoding.js";
import type { Ready } from "./example-request.js";
import type { NegotiationVector } from "../suite.js";
import { derived, malformed, type Derive } from "./derivation.js";
import { Stock } from "./reusable-request.js";

const refusals: Readonly<Record<number, string>> = { 406: "NOT_ACCEPTABLE", 415: "UNSUPPORTED_MEDIA_TYPE" };

export const negotiationChecks: Derive = (derivation, rpc) => [
  derived(derivation, rpc, "negotiation", "Accept and Content-Type", "", async (findings, fresh) => {
    const stock = new Stock(fresh);
    const refusing = await fresh();
    for (const vector of derivation.suite.negotiation.filter(({ method }) => (method === "POST") === rpc.hasBody)) {
      const { accept, content_type: type, expect } = vector;
      const what = `Accept ${JSON.stringify(accept)}${type === undefined ? "" : `, Content-Type ${JSON.stringify(type)}`}`;
      if (typeof expect === "number") {
        await findings.during(what, async () => {
          const answer = await refusing.send(asVector(refusing, vector));
          findings.refused(what, answer, { status: expect, reason: refusals[expect]! });
        });
      } else {
        await findings.trying(what, stock, async (ready) => {
          const answer = await ready.send(asVector(ready, vector));
          return {
            faults: [...ready.faultsOfSuccess(answer), ...faultsOfType(rpc, answer, expect)],
            curl: answer.curl,
          };
        });
      }
    }
  }),
  derived(
    derivation,
    rpc,
    "negotiation",
    "alt in the query, and Accept without measure",
    "",
    async (findings, fresh) => {
      const ask = async (ready: Ready, alt: string): Promise<Called> => {
        const usual = rpc.hasBody ? "" : ready.client.query(rpc, ready.request, ready.codec);
        const query = [usual, alt].filter(Boolean).join("&");
        return ready.send({ query, headers: { accept: "text/html" }, isAnyAnswer: true });
      };
      const stock = new Stock(fresh);
      for (const [alt, codec] of Object.entries(codecByAlt)) {
        await findings.trying(`alt=${alt}`, stock, async (ready) => {
          const answer = await ask(ready, `alt=${alt}`);
          const isOther = rpc.success !== 204 && answer.codec !== codec;
          const faults = isOther ? [`expected ${codec}, got ${answer.codec ?? "no body"}`] : [];
          return { faults: [...ready.faultsOfSuccess(answer), ...faults], curl: answer.curl };
        });
      }
      const ready = await fresh();
      findings.refused("alt=xml", await ask(ready, "alt=xml"), malformed);
      const many = (count: number) =>
        ready.send({ headers: { accept: `${"a/b, ".repeat(count)}*/*` }, isAnyAnswer: true });
      findings.refused("65 members of Accept", await many(64), malformed);
      const long = `application/json;a="${"x".repeat(8 * 1024)}"`;
      findings.refused(
        "more than 8 KiB of Accept",
        await ready.send({ headers: { accept: long }, isAnyAnswer: true }),
        malformed,
      );
      findings.succeeded("64 members of Accept", ready, await many(63));
    },
  ),
];

function asVector({ client, rpc, request }: Ready, { accept, content_type: type }: NegotiationVector) {
  const codec = codecOf(type) ?? "json";
  return {
    headers: { accept: accept ?? undefined, "content-type": type },
    ...(type !== undefined && { body: client.body(rpc, request, codec) }),
    isAnyAnswer: true,
  };
}

function faultsOfType(rpc: Rpc, { headers }: Called, expected: string): string[] {
  const got = headers["content-type"];
  const due =
    rpc.success === 204 ? undefined : codecOf(expected) === "protobuf" ? expected : `${expected}; charset=utf-8`;
  return got === due ? [] : [`expected Content-Type ${due ?? "to be absent"}, got ${got ?? "none"}`];
}
