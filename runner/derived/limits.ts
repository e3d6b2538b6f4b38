// The limit of a body, content codings of requests, and bodies of methods that take none.
import { gzipSync } from "node:zlib";
import type { CodecName } from "../client/encoding.js";
import type { PreparedRequest } from "./example-request.js";
import { differences } from "../match.js";
import { derived, limitOf, malformed, rotatedCodecs, tooLarge, type Derive } from "./derivation.js";

const unsupported = { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" };

export const limitChecks: Derive = (derivation, rpc) => {
  const limit = limitOf(derivation, rpc);
  return rotatedCodecs(derivation, rpc).map((codec) =>
    derived(
      derivation,
      rpc,
      "limits",
      rpc.hasBody ? "the limit and the coding of the body" : "a body is ignored",
      codec,
      async (findings, fresh) => {
        const prepared = await fresh();
        if (!rpc.hasBody) {
          const headers = { "content-type": "application/json" };
          const answer = await prepared.send({ body: Buffer.from("{not read"), headers });
          findings.succeeded("a body that is ignored", prepared, answer);
          return;
        }
        const padded = (one: PreparedRequest, length: number): Buffer =>
          pad(one.client.body(rpc, one.request, codec), length, codec);
        const announced = { "content-length": String(limit + 1) };
        const early = await prepared.send({ body: Buffer.alloc(0), headers: { ...announced, expect: "100-continue" } });
        findings.refused(`${limit + 1} bytes announced`, early, tooLarge);
        const chunked = { "transfer-encoding": "chunked", "content-length": undefined };
        const streamed = await prepared.send({ body: padded(prepared, limit + 1), headers: chunked });
        findings.refused(`${limit + 1} bytes in chunks`, streamed, tooLarge);
        const gzip = { "content-encoding": "gzip" };
        const bomb = await prepared.send({ body: gzipSync(padded(prepared, limit + 1)), headers: gzip });
        findings.refused(`${limit + 1} bytes when inflated`, bomb, tooLarge);
        const whole = await fresh();
        findings.succeeded(`${limit} bytes`, whole, await whole.send({ body: padded(whole, limit) }));

        const expected = await fresh().then(async (one) => one.comparable(await one.send()));
        const inflated = await fresh();
        const small = gzipSync(inflated.client.body(rpc, inflated.request, codec));
        const answer = await inflated.send({ body: small, headers: gzip });
        findings.add("a body in gzip", differences(inflated.comparable(answer), expected, true), answer.curl);
        const cut = await prepared.send({ body: small.subarray(0, -9), headers: gzip });
        findings.refused("a truncated body in gzip", cut, malformed);
        const plain = await prepared.send({ body: Buffer.from("{}"), headers: gzip });
        findings.refused("a body that is announced as gzip and is not", plain, malformed);
        const other = await prepared.send({ headers: { "content-encoding": "br" } });
        findings.refused("a body in br", other, unsupported);
        findings.add("a body in br", differences(other.headers["accept-encoding"], "gzip", true, "Accept-Encoding"));
      },
    ),
  );
};

/** Pads a body to a length without a change of its meaning: with white space, or an unknown field. */
function pad(body: Buffer, length: number, codec: CodecName): Buffer {
  const missing = length - body.length;
  if (codec !== "protobuf") return Buffer.concat([body, Buffer.alloc(missing, " ")]);
  // Field 18999, of bytes: its tag takes three bytes, its length is written in four.
  const head = Buffer.concat([varint(18_999 * 8 + 2, 3), varint(missing - 7, 4)]);
  return Buffer.concat([body, head, Buffer.alloc(missing - head.length)]);
}

function varint(value: number, bytes: number): Buffer {
  return Buffer.from(
    Array.from({ length: bytes }, (_, at) => ((value >> (7 * at)) & 0x7f) | (at < bytes - 1 ? 0x80 : 0)),
  );
}
