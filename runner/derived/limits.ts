// The limit of a body, content codings of requests, and bodies of methods that take none.
import { gzipSync } from "node:zlib";
import type { CodecName } from "../client/encoding.js";
import type { PreparedRequest } from "./example-request.js";
import { differences } from "../match.js";
import { derived, limitOf, malformed, rotatedCodecs, tooLarge, type Derive, type Findings } from "./derivation.js";
import { ReusableRequest } from "./reusable-request.js";

const unsupported = { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" };

export const limitChecks: Derive = (derivation, rpc) => {
  if (rpc.bodyField !== undefined || rpc.isForm) return [];
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

        const zipped = await fresh();
        const most = await zipped.send({ body: gzipSync(padded(zipped, limit)), headers: gzip });
        findings.succeeded(`${limit} bytes when inflated`, zipped, most);

        const small = gzipSync(prepared.client.body(rpc, prepared.request, codec));
        await checkCodings(findings, fresh, (one) => one.client.body(rpc, one.request, codec));
        const cut = await prepared.send({ body: small.subarray(0, -9), headers: gzip });
        findings.refused("a truncated body in gzip", cut, malformed);
        const plain = await prepared.send({ body: Buffer.from("{}"), headers: gzip });
        findings.refused("a body that is announced as gzip and is not", plain, malformed);
      },
    ),
  );
};

/** The content codings of a body that every method takes, by all their names, and those that none takes. */
export async function checkCodings(
  findings: Findings,
  fresh: () => Promise<PreparedRequest>,
  bodyOf: (prepared: PreparedRequest) => Buffer,
): Promise<void> {
  const expected = await fresh().then(async (one) => one.comparable(await one.send()));
  const reusable = new ReusableRequest(fresh);
  const inTwo = (body: Buffer): Buffer =>
    Buffer.concat([gzipSync(body.subarray(0, body.length / 2)), gzipSync(body.subarray(body.length / 2))]);
  const same = (body: Buffer): Buffer => body;
  const taken: [coding: string, encode: (body: Buffer) => Buffer][] = [
    ...["gzip", "x-gzip", "GZIP", "X-Gzip"].map((name): [string, typeof same] => [name, (body) => gzipSync(body)]),
    ["gzip", inTwo],
    ["identity", same],
    ["Identity", same],
  ];
  for (const [coding, encode] of taken) {
    await findings.using(`a body in ${coding}${encode === inTwo ? ", in two members" : ""}`, reusable, async (one) => {
      const answer = await one.send({ body: encode(bodyOf(one)), headers: { "content-encoding": coding } });
      return { faults: differences(one.comparable(answer), expected, true), curl: answer.curl };
    });
  }
  const prepared = await fresh();
  const small = gzipSync(bodyOf(prepared));
  for (const coding of ["br", "deflate", "zstd", "x-unknown", "gzip, gzip", "br, gzip", "gzip, br", "gzipx", "*"]) {
    await findings.during(`a body in ${coding}`, async () => {
      const answer = await prepared.send({ body: small, headers: { "content-encoding": coding } });
      findings.refused(`a body in ${coding}`, answer, unsupported);
      const named = differences(answer.headers["accept-encoding"], "gzip", true, "Accept-Encoding");
      findings.add(`a body in ${coding}`, named, answer.curl);
    });
  }
}

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
