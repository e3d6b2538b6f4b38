// Invariants of responses below 400: the status of success, 304 or the answer to OPTIONS, with Location and ETag.
import { isDeepStrictEqual } from "node:util";
import type { Rpc } from "../client/descriptors.js";
import { valueAt } from "../match.js";
import { show } from "./headers.js";
import type { ExchangeFacts, Report } from "./exchange-facts.js";

/** Checks the status, Location, ETag and Allow of responses below 400, and that errors have none of them. */
export function checkSuccess(facts: ExchangeFacts, report: Report): void {
  const { answer, rpc, isProblem, expectedType } = facts;
  const { headers } = answer;
  const isTagged = rpc?.etag !== undefined && !isProblem;
  const isOfBytes = rpc !== undefined && rpc.produces.length > 0 && !rpc.isStream && !rpc.isStreamed && !isProblem;
  if (!rpc) {
    if (facts.place && !isProblem) checkOptions(facts, report);
  } else if (!isProblem) {
    if (answer.status === 304) checkNotModified(facts, report);
    else if (answer.status === 206 && rpc.isStreamedDownload) checkPartial(facts, report);
    else if (answer.status !== rpc.success)
      report(`${rpc.name} answers ${answer.status}, where its success is ${rpc.success}`);
    else if (expectedType?.isUnacceptable && rpc.produces.length === 0)
      report(`Accept allows no known media type, and the answer is ${answer.status} and not 406`);
  }
  if (isTagged) checkEtag(facts, rpc.etag!, report);
  else if (headers["etag"] !== undefined && (rpc || isProblem) && !isOfBytes)
    report(`There is an unexpected ETag: ${headers["etag"]}`);
  if (answer.status === 201 && rpc?.created !== undefined) checkLocation(facts, rpc, rpc.created, report);
  else if (headers["location"] !== undefined && (rpc || isProblem))
    report(`There is an unexpected Location: ${headers["location"]}`);
}

/** Checks that Allow lists exactly the verbs of the path. */
export function checkAllow({ place, answer, verb }: ExchangeFacts, report: Report): void {
  const allow = answer.headers["allow"];
  const named = (allow ?? "").split(/\s*,\s*/).filter((name) => name !== "");
  if (named.length === 0) return report(`${answer.status} has no verbs in Allow`);
  if (answer.status === 405 && named.includes(verb)) report(`405 for ${verb}, which Allow lists: ${allow}`);
  if (!place) return;
  const expected = [...place.rpcs.keys(), ...(place.rpcs.has("GET") ? ["HEAD"] : []), "OPTIONS"];
  if (!isDeepStrictEqual(named.toSorted(), expected.toSorted()))
    report(`Allow is not ${expected.join(", ")}: ${show(allow)}`);
}

/** Checks a response below 400 to a verb without a method. */
function checkOptions(facts: ExchangeFacts, report: Report): void {
  const { answer, verb, sent } = facts;
  if (verb !== "OPTIONS")
    return report(`${verb} is no method of this path, and the answer is ${answer.status} and not 405`);
  if (answer.status !== 204) report(`OPTIONS answers ${answer.status} and not 204`);
  // A preflight of the Fetch standard has headers of its own.
  const isPreflight =
    sent["access-control-request-method"] !== undefined && answer.headers["access-control-allow-methods"] !== undefined;
  if (!isPreflight) checkAllow(facts, report);
}

function checkNotModified({ sent, rpc, answer }: ExchangeFacts, report: Report): void {
  if (rpc?.etag === undefined && (rpc?.produces.length ?? 0) === 0) report(`${rpc?.name} answers 304, and has no ETag`);
  const known = sent["if-none-match"];
  if (known === undefined) report("304 answers a request without If-None-Match");
  else if (known.trim() !== "*" && !known.includes(answer.headers["etag"] ?? " "))
    report(`304 has the ETag ${show(answer.headers["etag"])}, and If-None-Match is ${known}`);
}

function checkPartial({ sent, answer, verb }: ExchangeFacts, report: Report): void {
  if (sent["range"] === undefined || verb !== "GET") report("206 answers a request that is no GET with Range");
  const isInParts = answer.headers["content-type"]?.startsWith("multipart/byteranges;") === true;
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.headers["content-range"] ?? "");
  if (isInParts === (range !== null)) report(`206 has Content-Range ${show(answer.headers["content-range"])}`);
  else if (range && Number(range[2]) - Number(range[1]) + 1 !== answer.body.length)
    report(`206 has ${answer.body.length} bytes, and Content-Range ${range[0]}`);
}

const tagForm = /^"(?:(\d+)\.)?[\w-]{8,}-(json|protojson|protobuf)(?:-(gzip|br))?"$/;

/** `"[<version>.]<hash>-<codec>[-<coding>]"`; all parts of it are checked. A list has no version. */
function checkEtag(facts: ExchangeFacts, versionPath: string, report: Report): void {
  const { answer, rpc, sent, codec, message, expectedCoding } = facts;
  const tag = answer.headers["etag"];
  const [, version, tagCodec, tagCoding] = tagForm.exec(tag ?? "") ?? [];
  if (tagCodec === undefined || (version === undefined) !== (versionPath === ""))
    return report(`ETag is not strong and of the form "[<version>.]<hash>-<codec>[-<coding>]": ${show(tag)}`);
  if (codec && tagCodec !== codec) report(`The ETag ${tag} has the codec ${tagCodec}, and the answer is in ${codec}`);
  const coding = answer.headers["content-encoding"];
  const isCodingTrue =
    answer.status === 304
      ? tagCoding === undefined || !expectedCoding || expectedCoding.allowed.includes(tagCoding)
      : tagCoding === coding;
  if (!isCodingTrue)
    report(`The ETag ${tag} has the coding ${tagCoding ?? "none"}, and the answer has ${coding ?? "none"}`);
  const actual = message && version !== undefined && valueAt(message, versionPath);
  if (message && version !== undefined && String(actual) !== version)
    report(`The ETag ${tag} has version ${version}, and ${versionPath} is ${String(actual)}`);
  const known = sent["if-none-match"];
  if (rpc?.verb === "GET" && answer.status !== 304 && known !== undefined && isNamed(known, tag!))
    report(`If-None-Match names the ETag ${tag}, and the answer is ${answer.status} and not 304`);
}

/** The weak comparison that RFC 9110 demands for GET (section 13.1.2). */
function isNamed(known: string, tag: string): boolean {
  return known.trim() === "*" || known.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}

/** The template of `created`, with fields of the answer or of the request's path; other fields are unknown here. */
function checkLocation({ answer, message, place }: ExchangeFacts, rpc: Rpc, template: string, report: Report): void {
  const location = answer.headers["location"];
  if (location === undefined) return report("201 has no Location");
  if (!message) return;
  let isKnown = true;
  const expected = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const inPath = place?.values[rpc.pathFields.indexOf(name)];
    const value = message[name] ?? (inPath === undefined ? undefined : unescaped(inPath));
    if (value === undefined) isKnown = false;
    return encodeURIComponent(String(value));
  });
  if (isKnown && location !== expected)
    report(`Location is ${location}, where ${template} of this answer is ${expected}`);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
