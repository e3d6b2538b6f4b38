// A body without bytes: it is the message with all its defaults, whatever its media type, its framing and its coding.
import { gzipSync } from "node:zlib";
import { mediaTypes } from "../../client/encoding.js";
import { differences } from "../../match.js";
import { derived, rotatedCodecs, type Derive } from "../derivation.js";
import { ReusableRequest } from "../reusable-request.js";

const unsupported = { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" };
const chunked = { "transfer-encoding": "chunked", "content-length": undefined };
const gzip = { "content-encoding": "gzip" };
const nothing = Buffer.alloc(0);

/** The ways to send no bytes. */
const framings: Readonly<Record<string, readonly [headers: Record<string, string | undefined>, body: Buffer]>> = {
  "Content-Length: 0": [{}, nothing],
  "no bytes in chunks": [chunked, nothing],
  "no bytes that are announced as gzip": [gzip, nothing],
  "no bytes in chunks that are announced as gzip": [{ ...chunked, ...gzip }, nothing],
  "gzip of nothing": [gzip, gzipSync(nothing)],
  "gzip of nothing in chunks": [{ ...chunked, ...gzip }, gzipSync(nothing)],
};

const others = [
  undefined,
  "",
  "application/x-www-form-urlencoded",
  "text/plain",
  `${mediaTypes.json}; charset=latin1`,
  `${mediaTypes.protobuf}; version=2`,
];

export const absentBodyChecks: Derive = (derivation, rpc) => {
  if (!rpc.hasBody) return [];
  return rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "absent", "a body without bytes", codec, async (findings, fresh) => {
      const pair = { request: "json", response: codec } as const;
      const usual = await fresh();
      const ids = Object.fromEntries(rpc.pathFields.map((name) => [name, usual.request[name]]));
      const expected = usual.comparable(await usual.send({ pair, body: Buffer.from("{}") }, ids));
      const reusable = new ReusableRequest(fresh);
      for (const type of [...Object.values(mediaTypes), ...others]) {
        for (const [framing, [headers, body]] of Object.entries(framings)) {
          const what = `${framing}, Content-Type ${type ?? "absent"}`;
          await findings.using(what, reusable, async (one) => {
            const answer = await one.send({ pair, body, headers: { ...headers, "content-type": type } });
            return { faults: differences(one.comparable(answer), expected, true), curl: answer.curl };
          });
        }
      }
      const prepared = await fresh();
      for (const [framing, headers] of Object.entries({ "a byte": {}, "a byte in chunks": chunked })) {
        const unknown = { ...headers, "content-type": "text/plain" };
        const answer = await prepared.send({ pair, body: Buffer.from("x"), headers: unknown });
        findings.refused(`${framing} of an unknown media type`, answer, unsupported);
      }
    }),
  );
};
