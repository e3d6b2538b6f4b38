// What the headers of every answer say, whatever came of the request.
import { problemJson } from "../client/encoding.js";
import { contentType } from "./negotiation.js";
import type { Sighting, Tell } from "./exchange-facts.js";

/** An id that every server can keep. */
const saneId = /^[\w.-]{1,64}$/;

/** Vary, nosniff, the request's id, Cache-Control, and the framing of the body. */
export function headerLaws(seen: Sighting, tell: Tell): void {
  const { answer, sent } = seen;
  const { headers } = answer;
  const varies = (headers["vary"] ?? "").toLowerCase().split(/\s*,\s*/);
  for (const name of ["Accept", "Accept-Encoding"]) {
    if (!varies.includes(name.toLowerCase())) tell(`Vary does not name ${name}: ${show(headers["vary"])}`);
  }
  if (headers["x-content-type-options"] !== "nosniff")
    tell(`X-Content-Type-Options is not nosniff: ${show(headers["x-content-type-options"])}`);
  const id = headers["x-request-id"];
  const sentId = sent["x-request-id"];
  if (!id || !/^[\x21-\x7e]{1,128}$/.test(id)) tell(`X-Request-Id is not an id: ${show(id)}`);
  else if (sentId !== undefined && saneId.test(sentId) && id !== sentId && !seen.isHeadRefused)
    tell(`X-Request-Id is ${id}, where the request had the sane id ${sentId}`);
  // What lies beside the contract (pages, files) may be kept as it likes.
  if (!isOfContract(seen)) return;
  const due = headers["etag"] === undefined ? "no-store" : "private, no-cache";
  if (headers["cache-control"] !== due)
    tell(
      `Cache-Control is not "${due}", as it is with${due === "no-store" ? "out" : ""} an ETag: ${show(headers["cache-control"])}`,
    );
}

/** Content-Length, and Content-Encoding: only what was asked for, and only where it is worth the while. */
export function bodyLaws(seen: Sighting, tell: Tell): void {
  const { answer, verb, canHaveBody, content, dueCoding } = seen;
  const length = answer.headers["content-length"];
  const coding = answer.headers["content-encoding"];
  if (!canHaveBody && answer.body.length > 0)
    tell(`There is a body of ${answer.body.length} bytes, where ${verb === "HEAD" ? verb : answer.status} has none`);
  if (answer.status === 204 || answer.status === 304) {
    if (answer.status === 204 && length !== undefined) tell(`204 has a Content-Length: ${length}`);
    if (answer.status === 204 && answer.headers["content-type"] !== undefined)
      tell(`204 has a Content-Type: ${answer.headers["content-type"]}`);
    if (coding !== undefined) tell(`${answer.status} has a Content-Encoding: ${coding}`);
    return;
  }
  if (verb === "HEAD" ? !/^\d+$/.test(length ?? "") : length !== String(answer.body.length))
    tell(`Content-Length is not the length of the body, ${answer.body.length} bytes: ${show(length)}`);
  if (coding !== undefined) {
    if (coding !== "gzip" && coding !== "br") tell(`Content-Encoding is neither gzip nor br: ${coding}`);
    else if (dueCoding && !dueCoding.allowed.includes(coding))
      tell(`The body is coded in ${coding}, which Accept-Encoding does not ask for`);
    else if (dueCoding && dueCoding.preferred.length > 0 && !dueCoding.preferred.includes(coding))
      tell(`The body is coded in ${coding}, where Accept-Encoding prefers ${dueCoding.preferred.join(" or ")}`);
    if (content && content.length < worthwhileBytes) tell(`A body of ${content.length} bytes is coded in ${coding}`);
  } else if (isOfContract(seen) && content && content.length >= worthwhileBytes && dueCoding?.preferred.length) {
    tell(
      `A body of ${content.length} bytes is plain, where Accept-Encoding asks for ${dueCoding.preferred.join(" or ")}`,
    );
  }
}

/** From here on a body is coded. */
const worthwhileBytes = 1024;

/** The media type, to the last character, and the name of a protobuf message. */
export function typeLaws(seen: Sighting, messageName: string | undefined, tell: Tell): void {
  if (!isOfContract(seen)) return;
  const { answer, codec, isProblem, dueType } = seen;
  const type = answer.headers["content-type"];
  const named = answer.headers["x-protobuf-message"];
  const due = codec === "protobuf" ? messageName : undefined;
  if (named !== due)
    tell(
      due === undefined
        ? `X-Protobuf-Message stands on what is not protobuf: ${named}`
        : `X-Protobuf-Message is not ${due}: ${show(named)}`,
    );
  if (messageName === undefined) return;
  if (type === undefined) {
    if (answer.status !== 304) tell("There is no Content-Type");
    return;
  }
  const bare = type.split(";")[0]!;
  if (!codec || type !== contentType(bare)) return tell(`Content-Type is not one that the contract writes: ${type}`);
  if (!isProblem && bare === problemJson) tell(`Content-Type of a success is ${type}`);
  const wanted = isProblem ? dueType?.problem : dueType?.success;
  if (wanted !== undefined && type !== wanted && !seen.isHeadRefused)
    tell(`Content-Type is ${type}, where Accept and the request's own type lead to ${wanted}`);
}

/** A method of the contract, or an error: not a page or a file beside it. */
function isOfContract({ rpc, isProblem, answer }: Sighting): boolean {
  return rpc !== undefined || isProblem || answer.status === 204;
}

/** A header's value in a sentence. */
export function show(value: string | undefined): string {
  return value === undefined ? "there is none" : `"${value}"`;
}
