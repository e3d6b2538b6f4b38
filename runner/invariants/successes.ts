// What an answer below 400 may be: the one success of its method, 304, or what OPTIONS says. With its Location and its tag.
import { isDeepStrictEqual } from "node:util";
import type { Rpc } from "../client/descriptors.js";
import { valueAt } from "../match.js";
import { show } from "./headers.js";
import type { Sighting, Tell } from "./exchange-facts.js";

/** The status, Location, ETag and Allow of whatever is no error, and their absence elsewhere. */
export function successLaws(seen: Sighting, tell: Tell): void {
  const { answer, rpc, isProblem, dueType } = seen;
  const { headers } = answer;
  const isTagged = rpc?.etag !== undefined && !isProblem;
  if (!rpc) {
    if (seen.place && !isProblem) optionsLaw(seen, tell);
  } else if (!isProblem) {
    if (answer.status === 304) notModifiedLaw(seen, tell);
    else if (answer.status !== rpc.success)
      tell(`${rpc.name} answers ${answer.status}, where its success is ${rpc.success}`);
    else if (dueType?.isUnacceptable)
      tell(`Accept leaves nothing that can be written, and the answer is ${answer.status} and not 406`);
  }
  if (isTagged) tagLaw(seen, rpc.etag!, tell);
  else if (headers["etag"] !== undefined && (rpc || isProblem))
    tell(`There is an ETag where none belongs: ${headers["etag"]}`);
  if (answer.status === 201 && rpc?.created !== undefined) locationLaw(seen, rpc, rpc.created, tell);
  else if (headers["location"] !== undefined && (rpc || isProblem))
    tell(`There is a Location where none belongs: ${headers["location"]}`);
}

/** The verbs that Allow must name where the contract has a path; told when it names others. */
export function allowLaw({ place, answer, verb }: Sighting, tell: Tell): void {
  const allow = answer.headers["allow"];
  const named = (allow ?? "").split(/\s*,\s*/).filter((name) => name !== "");
  if (named.length === 0) return tell(`${answer.status} names no verbs in Allow`);
  if (answer.status === 405 && named.includes(verb)) tell(`405 for ${verb}, which Allow names: ${allow}`);
  if (!place) return;
  const due = [...place.rpcs.keys(), ...(place.rpcs.has("GET") ? ["HEAD"] : []), "OPTIONS"];
  if (!isDeepStrictEqual(named.toSorted(), due.toSorted())) tell(`Allow is not ${due.join(", ")}: ${show(allow)}`);
}

/** What the contract answers to a verb that is none of its methods' and yet no error. */
function optionsLaw(seen: Sighting, tell: Tell): void {
  const { answer, verb, sent } = seen;
  if (verb !== "OPTIONS")
    return tell(`${verb} is no method of this path, and the answer is ${answer.status} and not 405`);
  if (answer.status !== 204) tell(`OPTIONS answers ${answer.status} and not 204`);
  // A preflight of the Fetch standard is answered in its own words.
  const isPreflight =
    sent["access-control-request-method"] !== undefined && answer.headers["access-control-allow-methods"] !== undefined;
  if (!isPreflight) allowLaw(seen, tell);
}

function notModifiedLaw({ sent, rpc, answer }: Sighting, tell: Tell): void {
  if (rpc?.etag === undefined) tell(`${rpc?.name} answers 304, and has no ETag`);
  const known = sent["if-none-match"];
  if (known === undefined) tell("304 answers a request without If-None-Match");
  else if (known.trim() !== "*" && !known.includes(answer.headers["etag"] ?? " "))
    tell(`304 has the ETag ${show(answer.headers["etag"])}, and If-None-Match is ${known}`);
}

const tagForm = /^"(\d+)\.[\w-]{8,}-(json|protojson|protobuf)(?:-(gzip|br))?"$/;

/** `"<version>.<hash>-<codec>[-<coding>]"`, and all parts of it are true. */
function tagLaw(seen: Sighting, versionPath: string, tell: Tell): void {
  const { answer, sent, codec, message, dueCoding } = seen;
  const tag = answer.headers["etag"];
  const [, version, tagCodec, tagCoding] = tagForm.exec(tag ?? "") ?? [];
  if (version === undefined)
    return tell(`ETag is not strong and of the form "<version>.<hash>-<codec>[-<coding>]": ${show(tag)}`);
  if (codec && tagCodec !== codec) tell(`The ETag ${tag} names ${tagCodec}, and the answer is in ${codec}`);
  const coding = answer.headers["content-encoding"];
  const isCodingTrue =
    answer.status === 304
      ? tagCoding === undefined || !dueCoding || dueCoding.allowed.includes(tagCoding)
      : tagCoding === coding;
  if (!isCodingTrue)
    tell(`The ETag ${tag} names the coding ${tagCoding ?? "of none"}, and the answer's is ${coding ?? "none"}`);
  const actual = message && valueAt(message, versionPath);
  if (message && String(actual) !== version)
    tell(`The ETag ${tag} names version ${version}, and ${versionPath} is ${String(actual)}`);
  const known = sent["if-none-match"];
  if (answer.status !== 304 && known !== undefined && isNamed(known, tag!))
    tell(`If-None-Match names the ETag ${tag}, and the answer is ${answer.status} and not 304`);
}

/** Compared weakly, as RFC 9110 has it for GET (section 13.1.2). */
function isNamed(known: string, tag: string): boolean {
  return known.trim() === "*" || known.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}

/** The template of `created`, with fields of the answer, else of the request's path; other fields are not known here. */
function locationLaw({ answer, message, place }: Sighting, rpc: Rpc, template: string, tell: Tell): void {
  const location = answer.headers["location"];
  if (location === undefined) return tell("201 has no Location");
  if (!message) return;
  let isKnown = true;
  const due = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const inPath = place?.values[rpc.pathFields.indexOf(name)];
    const value = message[name] ?? (inPath === undefined ? undefined : unescaped(inPath));
    if (value === undefined) isKnown = false;
    return encodeURIComponent(String(value));
  });
  if (isKnown && location !== due) tell(`Location is ${location}, where ${template} of this answer is ${due}`);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
