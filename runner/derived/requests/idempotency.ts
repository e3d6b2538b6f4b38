// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) on every method that creates: the same request creates one thing and has
// one answer, in any serialization; another request with the key is refused; another caller has keys of their own.
import { randomUUID } from "node:crypto";
import type { CaseFile } from "../../cases/case.js";
import { requireActors } from "../../cases/case-checks.js";
import { fixedPair } from "../../cases/codec-plan.js";
import type { Worker } from "../../cases/worker.js";
import type { Called, CallOptions } from "../../client/client.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import { differences } from "../../match.js";
import { derived, malformed, type Derivation, type Derive, type Findings } from "../derivation.js";
import { validValue } from "../../values/valid.js";
import type { PreparedRequest } from "../example-request.js";

const reused = { status: 422, reason: "IDEMPOTENCY_KEY_REUSED" };

/** Values that are no key. */
const noKeys = [
  "",
  '""',
  '"',
  '"a',
  'a"',
  '"a"b',
  "a b",
  "a, b",
  '"a", "b"',
  '"a";b',
  String.raw`"\a"`,
  "x".repeat(256),
];

export const idempotencyChecks: Derive = (derivation, rpc) => {
  if (rpc.created === undefined || rpc.isStreamedUpload || !derivation.descriptors.reasons.has(reused.reason))
    return [];
  return pairsOf(derivation).map(([codec, other]) =>
    derived(
      derivation,
      rpc,
      "idempotency",
      `a request is repeated with its Idempotency-Key, in ${other}`,
      codec,
      async (findings, fresh, worker) => {
        const prepared = await fresh();
        const key = randomUUID();
        const send = (one: PreparedRequest, value: string = key, codecOfAll = codec): Promise<Called> =>
          one.send({ headers: { "idempotency-key": value }, pair: { request: codecOfAll, response: codecOfAll } });
        for (const value of noKeys)
          findings.refused(`Idempotency-Key: ${value.slice(0, 20)}`, await send(prepared, value), malformed);
        const first = await send(prepared);
        if (first.status !== rpc.success) return findings.succeeded("a request with a key", prepared, first);
        checkReplayed(findings, "the first request", first, undefined);
        for (const [what, value, inCodec] of [
          ["the same request", key, codec],
          ["the same request, with its key in quotes", `"${key}"`, codec],
          [`the same request in ${other}`, key, other],
        ] as const) {
          const again = await send(prepared, value, inCodec);
          checkReplayed(findings, what, again, "true");
          const faults = [
            ...differences(again.status, first.status, true, "status"),
            ...differences(again.body, first.body, true),
            ...differences(again.headers["location"], first.headers["location"], true, "Location"),
            ...(inCodec === codec ? differences(again.headers["etag"], first.headers["etag"], true, "ETag") : []),
          ];
          findings.add(what, faults, again.curl);
        }
        const place = Object.fromEntries(rpc.pathFields.map((name) => [name, prepared.request[name]]));
        const another = { ...validValue(derivation.descriptors, rpc.request), ...place, ...longer(prepared) };
        const withKey = { headers: { "idempotency-key": key } };
        findings.refused("another request with the key", await prepared.send(withKey, another), reused);
        if (rpc.isPublic) return;
        const theirs = await sendAsAnother(worker, prepared, withKey);
        checkReplayed(findings, "the same request of another caller", theirs, undefined);
        const isRefused = theirs.body["reason"] === reused.reason;
        findings.add("the key of another caller", isRefused ? ["it was used before"] : [], theirs.curl);
      },
    ),
  );
};

/** Each serialization with every other one, or with `--pairs three` with the next one. */
function pairsOf({ codecs, pairs }: Derivation): (readonly [CodecName, CodecName])[] {
  return codecs.flatMap((codec, at) => {
    const others = [...codecs.slice(at + 1), ...codecs.slice(0, at)];
    return (pairs === "all" ? others : others.slice(0, 1)).map((other) => [codec, other] as const);
  });
}

/** The upload of a request with another byte; nothing where a message is the body. */
function longer({ rpc: { bodyField }, request }: PreparedRequest): Plain {
  const upload = bodyField === undefined ? undefined : (request[bodyField] as Plain | undefined);
  if (!upload) return {};
  const data = Buffer.concat([Buffer.from(String(upload["data"] ?? ""), "base64"), Buffer.from("\n")]);
  return { [bodyField!]: { ...upload, data: data.toString("base64") } };
}

function checkReplayed(findings: Findings, what: string, answer: Called, expected: string | undefined): void {
  const faults = differences(answer.headers["idempotency-replayed"], expected, true, "Idempotency-Replayed");
  findings.add(what, faults, answer.curl);
}

/** Sends a request as somebody who has nothing to do with it. What comes of it is removed with them. */
async function sendAsAnother(
  worker: Worker,
  { rpc, request, codec }: PreparedRequest,
  options: Pick<CallOptions, "headers">,
): Promise<Called> {
  const name = "another";
  const file: CaseFile = { subject: "idempotency", actors: [name], cases: {} };
  const actors = await worker.actors(file);
  requireActors(actors, file, { as: name });
  const pair = { request: codec, response: codec };
  const token = await actors.tokenOf(name, fixedPair(pair));
  return actors.client.call(rpc.name, request, { pair, token, ...options });
}
