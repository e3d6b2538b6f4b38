// Bodies that are no message: uploads with their media types, limits and forms, and downloads with Accept and preconditions.
import { gzipSync } from "node:zlib";
import { checkCodings } from "../limits.js";
import type { Worker } from "../../cases/worker.js";
import type { Check } from "../../check.js";
import type { Rpc } from "../../client/descriptors.js";
import type { Called } from "../../client/client.js";
import { contentOf } from "../../client/http-body.js";
import { differences } from "../../match.js";
import { headFaults } from "../preconditions.js";
import type { PreparedRequest } from "../example-request.js";
import { eventIdCheck } from "./event-ids.js";
import { streamedDownloadCheck } from "./streamed-downloads.js";
import { streamedUploadCheck } from "./streamed-uploads.js";
import { form, formHeader, formType } from "./upload-form.js";
import { derived, limitOf, malformed, rotatedCodecs, tooLarge, type Derivation, type Derive } from "../derivation.js";

const unsupported = { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" };
const unacceptable = { status: 406, reason: "NOT_ACCEPTABLE" };

export const contentChecks: Derive = (derivation, rpc) => {
  const codecs = rotatedCodecs(derivation, rpc);
  const uploadOf = rpc.isStreamedUpload ? streamedUploadCheck : uploadCheck;
  const downloadOf = rpc.isStreamedDownload ? streamedDownloadCheck : downloadCheck;
  const uploads = rpc.bodyField === undefined ? [] : codecs.map((codec) => uploadOf(derivation, rpc, codec));
  const downloads = rpc.produces.length === 0 ? [] : codecs.map((codec) => downloadOf(derivation, rpc, codec));
  const [ofEvents] = rpc.resumedBy === undefined ? [] : codecs;
  return [...uploads, ...downloads, ...(ofEvents ? [eventIdCheck(derivation, rpc, ofEvents)] : [])];
};

type Codec = Derivation["codecs"][number];

function uploadCheck(derivation: Derivation, rpc: Rpc, codec: Codec): Check<Worker> {
  const limit = limitOf(derivation, rpc);
  return derived(
    derivation,
    rpc,
    "content",
    "an upload, its media type and its limit",
    codec,
    async (findings, fresh) => {
      const usual = await fresh();
      const whole = await usual.send();
      findings.succeeded("as it is", usual, whole);
      const expected = usual.comparable(whole);
      const { contentType, data } = contentOf(rpc, usual.request)!;

      const other = await usual.send({ headers: { "content-type": "application/x-unknown" } });
      findings.refused("of an unknown media type", other, unsupported);
      findings.add("supported", differences(other.body["supported"], [...rpc.consumes], true), other.curl);
      findings.refused(
        "without a media type",
        await usual.send({ headers: { "content-type": undefined } }),
        unsupported,
      );
      findings.refused(
        "as a message",
        await usual.send({ headers: { "content-type": "application/json" } }),
        unsupported,
      );
      const denied = await usual.send({ token: undefined, body: Buffer.alloc(0) });
      if (!rpc.isPublic) findings.refused("without a login", denied, { status: 401, reason: "UNAUTHENTICATED" });

      const large = Buffer.concat([data, Buffer.alloc(limit + 1 - data.length)]);
      const announced = { "content-length": String(limit + 1), expect: "100-continue" };
      findings.refused(
        `${limit + 1} bytes announced`,
        await usual.send({ body: Buffer.alloc(0), headers: announced }),
        tooLarge,
      );
      const chunked = { "transfer-encoding": "chunked", "content-length": undefined };
      findings.refused(`${limit + 1} bytes in chunks`, await usual.send({ body: large, headers: chunked }), tooLarge);
      const gzip = { "content-encoding": "gzip" };
      findings.refused(
        `${limit + 1} bytes when inflated`,
        await usual.send({ body: gzipSync(large), headers: gzip }),
        tooLarge,
      );
      await checkCodings(findings, fresh, () => data);

      if (!rpc.consumes.includes(formType)) return;
      const inForm = await fresh();
      const formed = await inForm.send({ body: form(contentType, data), headers: { "content-type": formHeader } });
      findings.add("as the file of a form", differences(inForm.comparable(formed), expected, true), formed.curl);
      const sendForm = (one: PreparedRequest, body: Buffer, headers = {}): Promise<Called> =>
        one.send({ body, headers: { "content-type": formHeader, ...headers } });
      findings.refused("a form without a file", await sendForm(usual, form(contentType)), malformed);
      findings.refused("a form with two files", await sendForm(usual, form(contentType, data, data)), malformed);
      const wrong = await sendForm(usual, form("application/x-unknown", data));
      findings.refused("a form with a file of an unknown media type", wrong, unsupported);
      const coded = await sendForm(usual, gzipSync(form(contentType, data)), gzip);
      findings.refused("a form in gzip", coded, unsupported);
      const uncoded = await sendForm(usual, form(contentType, data), { "content-encoding": "identity" });
      findings.succeeded("a form in the coding identity", usual, uncoded);
      findings.refused(`a file of ${limit + 1} bytes`, await sendForm(usual, form(contentType, large)), tooLarge);
      const most = await fresh();
      const full = await sendForm(most, form(contentType, large.subarray(0, limit)));
      findings.succeeded(`a file of ${limit} bytes`, most, full);
    },
  );
}

function downloadCheck(derivation: Derivation, rpc: Rpc, codec: Codec): Check<Worker> {
  return derived(
    derivation,
    rpc,
    "content",
    "an answer that is no message, and Accept",
    codec,
    async (findings, fresh) => {
      const prepared = await fresh();
      const usual = await prepared.send();
      findings.succeeded("with the media types in Accept", prepared, usual);
      const [type = ""] = (usual.headers["content-type"] ?? "").split(";");
      for (const accept of [undefined, "*/*", `${type.split("/")[0]}/*`, type, `text/x-other, ${type};q=0.1`]) {
        const answer = await prepared.send({ headers: { accept } });
        const faults = differences(prepared.comparable(answer), prepared.comparable(usual), true);
        findings.add(`Accept: ${accept ?? "none"}`, faults, answer.curl);
      }
      for (const accept of ["text/x-other", rpc.produces.map((one) => `${one};q=0`).join(", ")]) {
        const answer = await prepared.send({ headers: { accept }, isAnyAnswer: true });
        findings.refused(`Accept: ${accept}`, answer, unacceptable);
        findings.add("supported", differences(answer.body["supported"], [...rpc.produces], true), answer.curl);
      }
      for (const accept of [`${type};q=0, */*`, ...rpc.produces.filter((one) => one !== type)]) {
        const answer = await prepared.send({ headers: { accept }, isAnyAnswer: true });
        findings.refused(`Accept: ${accept}, for ${type}`, answer, unacceptable);
      }
      if (rpc.isStream || rpc.isStreamed || prepared.example.tested.noisy) return;
      const tag = usual.headers["etag"] ?? "";
      for (const value of [tag, `W/${tag}`, "*", `"other", ${tag}`]) {
        const { status, curl } = await prepared.send({ headers: { "if-none-match": value } });
        findings.add(`If-None-Match: ${value}`, status === 304 ? [] : [`expected 304, got ${status}`], curl);
      }
      findings.add("HEAD", await headFaults(prepared, tag));
      const other = await prepared.send({ headers: { "if-none-match": '"other"' } });
      findings.succeeded("If-None-Match with another tag", prepared, other);
    },
  );
}
