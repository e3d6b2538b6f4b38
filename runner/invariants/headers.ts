// Invariants of the headers of every response.
import { problemJson } from "../client/encoding.js";
import { contentType } from "./negotiation.js";
import type { ExchangeFacts, Report } from "./exchange-facts.js";

/** A request id that every server must keep. */
const validId = /^[\w.-]{1,64}$/;

/** Checks Vary, X-Content-Type-Options, X-Request-Id and Cache-Control. */
export function checkHeaders(facts: ExchangeFacts, report: Report): void {
  const { answer, sent } = facts;
  const { headers } = answer;
  const varies = (headers["vary"] ?? "").toLowerCase().split(/\s*,\s*/);
  for (const name of ["Accept", "Accept-Encoding"]) {
    if (!varies.includes(name.toLowerCase())) report(`Vary does not name ${name}: ${show(headers["vary"])}`);
  }
  if (headers["x-content-type-options"] !== "nosniff")
    report(`X-Content-Type-Options is not nosniff: ${show(headers["x-content-type-options"])}`);
  const id = headers["x-request-id"];
  const sentId = sent["x-request-id"];
  if (!id || !/^[\x21-\x7e]{1,128}$/.test(id)) report(`X-Request-Id is not an id: ${show(id)}`);
  else if (sentId !== undefined && validId.test(sentId) && id !== sentId && !facts.isHeadRefused)
    report(`X-Request-Id is ${id}, where the request had the valid id ${sentId}`);
  // Resources outside the contract (pages, files) may be cached.
  if (!isOfContract(facts)) return;
  // What a file holds never changes.
  if (facts.rpc?.isStreamedDownload && !facts.isProblem && headers["etag"] !== undefined) {
    if (!/^private, max-age=\d+, immutable$/.test(headers["cache-control"] ?? ""))
      report(`Cache-Control of a file is ${show(headers["cache-control"])}`);
    return;
  }
  const expected = headers["etag"] === undefined ? "no-store" : "private, no-cache";
  if (headers["cache-control"] !== expected)
    report(
      `Cache-Control is not "${expected}", as in an answer with${expected === "no-store" ? "out" : ""} an ETag: ${show(headers["cache-control"])}`,
    );
}

/** Checks Content-Length, and Content-Encoding against Accept-Encoding and the size of the body. */
export function checkFraming(facts: ExchangeFacts, report: Report): void {
  const { answer, verb, canHaveBody, content, expectedCoding } = facts;
  const length = answer.headers["content-length"];
  const coding = answer.headers["content-encoding"];
  if (!canHaveBody && answer.body.length > 0)
    report(`There is a body of ${answer.body.length} bytes, where ${verb === "HEAD" ? verb : answer.status} has none`);
  if (answer.status === 204 || answer.status === 304) {
    // A proxy may add the length that there is.
    if (answer.status === 204 && length !== undefined && length !== "0") report(`204 has a Content-Length: ${length}`);
    if (answer.status === 204 && answer.headers["content-type"] !== undefined)
      report(`204 has a Content-Type: ${answer.headers["content-type"]}`);
    if (coding !== undefined) report(`${answer.status} has a Content-Encoding: ${coding}`);
    return;
  }
  // A stream has no length that is known, and bytes are sent as they are.
  if ((facts.rpc?.isStream || facts.rpc?.isStreamed) && !facts.isProblem) return;
  if (verb === "HEAD" ? !/^\d+$/.test(length ?? "") : length !== String(answer.body.length))
    report(`Content-Length is not the length of the body, ${answer.body.length} bytes: ${show(length)}`);
  if (coding !== undefined) {
    if (coding !== "gzip" && coding !== "br") report(`Content-Encoding is neither gzip nor br: ${coding}`);
    else if (expectedCoding && !expectedCoding.allowed.includes(coding))
      report(`The body is coded in ${coding}, which Accept-Encoding does not accept`);
    else if (expectedCoding?.isPlainPreferred)
      report(`The body is coded in ${coding}, where Accept-Encoding prefers none`);
    else if (expectedCoding && expectedCoding.preferred.length > 0 && !expectedCoding.preferred.includes(coding))
      report(`The body is coded in ${coding}, where Accept-Encoding prefers ${expectedCoding.preferred.join(" or ")}`);
    if (content && content.length < compressedFrom) report(`A body of ${content.length} bytes is coded in ${coding}`);
  } else if (facts.rpc?.produces.length && !facts.isProblem) {
    return;
  } else if (isOfContract(facts) && content && content.length >= compressedFrom && expectedCoding?.preferred.length) {
    report(
      `A body of ${content.length} bytes is not compressed, where Accept-Encoding prefers ${expectedCoding.preferred.join(" or ")}`,
    );
  }
}

/** The size from which on a body is compressed. */
const compressedFrom = 1024;

/** Checks the exact Content-Type, and the name of a protobuf message. */
export function checkContentType(facts: ExchangeFacts, messageName: string | undefined, report: Report): void {
  if (!isOfContract(facts)) return;
  const { answer, codec, isProblem, expectedType } = facts;
  const type = answer.headers["content-type"];
  const named = answer.headers["x-protobuf-message"];
  const expected = codec === "protobuf" ? messageName : undefined;
  if (named !== expected)
    report(
      expected === undefined
        ? `X-Protobuf-Message of an answer that is not protobuf: ${named}`
        : `X-Protobuf-Message is not ${expected}: ${show(named)}`,
    );
  if (messageName === undefined) return;
  if (type === undefined) {
    if (answer.status !== 304) report("There is no Content-Type");
    return;
  }
  const bare = type.split(";")[0]!;
  if (!codec || type !== contentType(bare)) return report(`Content-Type is not a canonical one: ${type}`);
  if (!isProblem && bare === problemJson) report(`Content-Type of a success is ${type}`);
  const wanted = isProblem ? expectedType?.problem : expectedType?.success;
  if (wanted !== undefined && type !== wanted && !facts.isHeadRefused)
    report(`Content-Type is ${type}, where the negotiation gives ${wanted}`);
}

/** Whether the response is one of the contract: of a method, or an error. */
function isOfContract({ rpc, isProblem, answer }: ExchangeFacts): boolean {
  return rpc !== undefined || isProblem || answer.status === 204;
}

/** A header's value as a part of a sentence. */
export function show(value: string | undefined): string {
  return value === undefined ? "there is none" : `"${value}"`;
}
