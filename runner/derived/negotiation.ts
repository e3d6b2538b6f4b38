// Content negotiation: every line of the test vectors, on every method.
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import { codecByAlt, codecOf, mediaTypes, problemJson } from "../client/encoding.js";
import { differences } from "../match.js";
import type { PreparedRequest } from "./example-request.js";
import type { NegotiationVector } from "../suite.js";
import { derived, malformed, type Derive } from "./derivation.js";
import { ReusableRequest } from "./reusable-request.js";

const unacceptable = { status: 406, reason: "NOT_ACCEPTABLE" };
const refusals: Readonly<Record<number, string>> = { 406: "NOT_ACCEPTABLE", 415: "UNSUPPORTED_MEDIA_TYPE" };

export const negotiationChecks: Derive = (derivation, rpc) => [
  ...(rpc.produces.length > 0 || rpc.bodyField !== undefined || rpc.isForm ? [] : messageChecks(derivation, rpc)),
  ...errorChecks(derivation, rpc),
];

/** application/problem+json in Accept, which names errors; and any Accept where nothing is returned. */
const errorChecks: Derive = (derivation, rpc) => [
  derived(derivation, rpc, "negotiation", "the media type of errors in Accept", "", async (findings, fresh) => {
    const reusable = new ReusableRequest(fresh);
    const types = rpc.produces.length > 0 ? [rpc.produces.join(", ")] : Object.values(mediaTypes);
    const beside = types.flatMap((type) => [
      `${problemJson}, ${type}`,
      `${type.replaceAll(/,|$/g, ";q=0.9$&")}, ${problemJson}`,
    ]);
    const alone = [problemJson, "text/html", "*/*;q=0", `${mediaTypes.json};q=0, ${problemJson}`];
    for (const accept of rpc.success === 204 ? [...beside, ...alone] : beside) {
      await findings.using(`Accept: ${accept}`, reusable, async (prepared) => {
        const answer = await prepared.send({ headers: { accept }, isAnyAnswer: true });
        const type = answer.headers["content-type"]?.split(";")[0];
        const isOfOther = rpc.success !== 204 && rpc.produces.length === 0 && !accept.includes(`${type}`);
        const faults = isOfOther ? [`the answer is in ${type}`] : [];
        return { faults: [...prepared.faultsOfSuccess(answer), ...faults], curl: answer.curl };
      });
    }
    const prepared = await fresh();
    for (const accept of beside) {
      const what = `an error, with Accept: ${accept}`;
      await findings.during(what, async () => {
        const answer = await prepared.send({ headers: { accept }, query: "no_such_key=1", isAnyAnswer: true });
        findings.refused(what, answer, malformed);
        const type = answer.headers["content-type"]?.split(";")[0];
        findings.add(what, differences(type, problemJson, true, "Content-Type"), answer.curl);
      });
    }
    if (rpc.success === 204 || rpc.isStreamedDownload) return;
    const refused = await prepared.send({ headers: { accept: problemJson }, isAnyAnswer: true });
    findings.refused(`Accept: ${problemJson} alone, where there is an answer`, refused, unacceptable);
  }),
];

/** The checks of a method whose request and answer are messages; for others there is content.ts. */
const messageChecks: Derive = (derivation, rpc) => [
  derived(derivation, rpc, "negotiation", "Accept and Content-Type", "", async (findings, fresh) => {
    const reusable = new ReusableRequest(fresh);
    const refusing = await fresh();
    for (const vector of derivation.suite.negotiation.filter(({ method }) => (method === "POST") === rpc.hasBody)) {
      const { accept, content_type: type } = vector;
      // Where nothing is returned, Accept refuses nothing, and the media type of the body is next.
      const isFree = vector.expect === 406 && rpc.success === 204;
      const expect = !isFree ? vector.expect : type === undefined || codecOf(type) ? "" : 415;
      const what = `Accept ${JSON.stringify(accept)}${type === undefined ? "" : `, Content-Type ${JSON.stringify(type)}`}`;
      if (typeof expect === "number") {
        await findings.during(what, async () => {
          const answer = await refusing.send(asVector(refusing, vector));
          findings.refused(what, answer, { status: expect, reason: refusals[expect]! });
        });
      } else {
        await findings.using(what, reusable, async (prepared) => {
          const answer = await prepared.send(asVector(prepared, vector));
          return {
            faults: [...prepared.faultsOfSuccess(answer), ...faultsOfType(rpc, answer, expect)],
            curl: answer.curl,
          };
        });
      }
    }
  }),
  derived(derivation, rpc, "negotiation", "alt in the query, and the limits of Accept", "", async (findings, fresh) => {
    const sendAlt = async (prepared: PreparedRequest, alt: string): Promise<Called> => {
      const usual = rpc.hasBody ? "" : prepared.client.query(rpc, prepared.request, prepared.codec);
      const query = [usual, alt].filter(Boolean).join("&");
      return prepared.send({ query, headers: { accept: "text/html" }, isAnyAnswer: true });
    };
    const reusable = new ReusableRequest(fresh);
    for (const [alt, codec] of Object.entries(codecByAlt)) {
      await findings.using(`alt=${alt}`, reusable, async (prepared) => {
        const answer = await sendAlt(prepared, `alt=${alt}`);
        const isOther = rpc.success !== 204 && answer.codec !== codec;
        const faults = isOther ? [`expected ${codec}, got ${answer.codec ?? "no body"}`] : [];
        return { faults: [...prepared.faultsOfSuccess(answer), ...faults], curl: answer.curl };
      });
    }
    const prepared = await fresh();
    for (const alt of ["alt=xml", "alt=", "alt=JSON", "alt=json&alt=proto", "alt=json&alt=json"])
      findings.refused(alt, await sendAlt(prepared, alt), malformed);
    const many = (count: number) =>
      prepared.send({ headers: { accept: `${"a/b, ".repeat(count)}*/*` }, isAnyAnswer: true });
    findings.refused("65 members of Accept", await many(64), malformed);
    const long = `application/json;a="${"x".repeat(8 * 1024)}"`;
    findings.refused(
      "more than 8 KiB of Accept",
      await prepared.send({ headers: { accept: long }, isAnyAnswer: true }),
      malformed,
    );
    findings.succeeded("64 members of Accept", prepared, await many(63));
    const exact = (length: number, one = prepared): Promise<Called> =>
      one.send({ headers: { accept: `*/*, a/b;c="${"x".repeat(length - 13)}"` }, isAnyAnswer: true });
    findings.refused("8,193 bytes of Accept", await exact(8193), malformed);
    const longest = await fresh();
    findings.succeeded("8,192 bytes of Accept", longest, await exact(8192, longest));
  }),
];

function asVector(
  { client, rpc, request }: PreparedRequest,
  { accept, content_type: type, expect }: NegotiationVector,
) {
  const body = client.body(rpc, request, codecOf(type) ?? "json");
  return {
    headers: { accept: accept ?? undefined, "content-type": type },
    // Without bytes, the media type of a body has no meaning.
    ...(type !== undefined && { body: expect === 415 && body.length === 0 ? Buffer.from("x") : body }),
    isAnyAnswer: true,
  };
}

function faultsOfType(rpc: Rpc, { headers }: Called, expected: string): string[] {
  const got = headers["content-type"];
  const expectedType =
    rpc.success === 204 ? undefined : codecOf(expected) === "protobuf" ? expected : `${expected}; charset=utf-8`;
  return got === expectedType ? [] : [`expected Content-Type ${expectedType ?? "to be absent"}, got ${got ?? "none"}`];
}
