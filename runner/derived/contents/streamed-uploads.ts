// Uploads of any media type, which a server reads while they arrive: as the body itself, or as the one file of a form.
import { gzipSync } from "node:zlib";
import type { Check } from "../../check.js";
import type { Worker } from "../../cases/worker.js";
import type { Rpc } from "../../client/descriptors.js";
import type { CodecName } from "../../client/encoding.js";
import { contentOf } from "../../client/http-body.js";
import { differences } from "../../match.js";
import { derived, limitOf, malformed, tooLarge, type Derivation } from "../derivation.js";
import { form, formHeader, formType } from "./upload-form.js";

const unsupported = { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" };

/** What the client says of the media type decides nothing; a coding is refused, and so is what is too large before it is read. */
export function streamedUploadCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  const limit = limitOf(derivation, rpc);
  return derived(derivation, rpc, "content", "an upload of any media type", codec, async (findings, fresh) => {
    const usual = await fresh();
    const whole = await usual.send();
    findings.succeeded("as it is", usual, whole);
    const expected = usual.comparable(whole);
    const { contentType, data } = contentOf(rpc, usual.request)!;
    const same = async (what: string, options: Parameters<typeof usual.send>[0]): Promise<void> =>
      findings.during(what, async () => {
        const prepared = await fresh();
        const answer = await prepared.send(options);
        findings.add(what, differences(prepared.comparable(answer), expected, true), answer.curl);
      });
    for (const type of [
      "application/x-unknown",
      "application/json",
      "text/html; charset=utf-16",
      "nonsense",
      undefined,
    ])
      await same(`with Content-Type ${type}`, { headers: { "content-type": type } });
    await same("in chunks", { headers: { "transfer-encoding": "chunked", "content-length": undefined } });
    await same("in the coding identity", { headers: { "content-encoding": "identity" } });
    const denied = await usual.send({ token: undefined, body: Buffer.alloc(0) });
    if (!rpc.isPublic) findings.refused("without a login", denied, { status: 401, reason: "UNAUTHENTICATED" });
    for (const coding of ["gzip", "br", "x-unknown"]) {
      const coded = await usual.send({ body: gzipSync(data), headers: { "content-encoding": coding } });
      findings.refused(`in the coding ${coding}`, coded, unsupported);
      const named = differences(coded.headers["accept-encoding"], "identity", true, "Accept-Encoding");
      findings.add(`in the coding ${coding}`, named, coded.curl);
    }
    const announced = { "content-length": String(limit + 1), expect: "100-continue" };
    const early = await usual.send({ body: Buffer.alloc(0), headers: announced });
    findings.refused(`${limit + 1} bytes announced`, early, tooLarge);
    for (const header of ["attachment; filename=", 'attachment; filename="a', "attachment; filename=a; filename=b"]) {
      const answer = await usual.send({ headers: { "content-disposition": header } });
      findings.refused(`Content-Disposition: ${header}`, answer, malformed);
    }
    if (rpc.created !== undefined) {
      const keyed = { headers: { "idempotency-key": "a-key" } };
      const [first, second] = [await (await fresh()).send(keyed), await usual.send(keyed)];
      const isReplayed =
        second.headers["idempotency-replayed"] !== undefined ||
        first.headers["location"] === second.headers["location"];
      findings.add(
        "an Idempotency-Key",
        isReplayed ? ["it is replayed, where a streamed body takes no key"] : [],
        second.curl,
      );
    }
    if (!rpc.consumes.includes(formType)) return;
    await same("as the file of a form", { body: form(contentType, data), headers: { "content-type": formHeader } });
    await same("as the file of a form, of another media type", {
      body: form("application/x-unknown", data),
      headers: { "content-type": formHeader },
    });
    const refused = async (what: string, body: Buffer): Promise<void> =>
      findings.refused(what, await usual.send({ body, headers: { "content-type": formHeader } }), malformed);
    await refused("a form without a file", form(contentType));
    await refused("a form with two files", form(contentType, data, data));
    await refused("a form that breaks off", form(contentType, data).subarray(0, -20));
    const coded = { "content-type": formHeader, "content-encoding": "gzip" };
    findings.refused(
      "a form in gzip",
      await usual.send({ body: gzipSync(form(contentType, data)), headers: coded }),
      unsupported,
    );
  });
}
