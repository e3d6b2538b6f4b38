// If-Match and If-None-Match on every method (RFC 9110, section 13): malformed, false, certain, and evaluated with a change. A
// request whose precondition is not known to hold changes nothing.
import type { Check } from "../../check.js";
import type { Worker } from "../../cases/worker.js";
import type { Called } from "../../client/client.js";
import { readerOf, type Descriptors, type Rpc } from "../../client/descriptors.js";
import type { CodecName } from "../../client/encoding.js";
import { derived, malformed, rotatedCodecs, type Derivation, type Derive } from "../derivation.js";
import type { PreparedRequest } from "../example-request.js";

type Header = "if-match" | "if-none-match";

const failed = { status: 412, reason: "PRECONDITION_FAILED" };
const noLists = ["3.abc", '"a" "b"', '*, "a"', 'w/"a"', `"${"a".repeat(8192)}"`];
const dates = [
  ["if-unmodified-since", "Mon, 01 Jan 1990 00:00:00 GMT"],
  ["if-modified-since", "Fri, 01 Jan 2999 00:00:00 GMT"],
] as const;
const otherTags = ['"other"', 'W/"other", "999999.other-json"'];

export const conditionChecks: Derive = (derivation, rpc) => {
  const checks = rpc.ifMatch ? [refusalCheck, changeCheck] : [refusalCheck];
  return rotatedCodecs(derivation, rpc).flatMap((codec) => checks.map((check) => check(derivation, rpc, codec)));
};

/** What the contract alone says of a precondition on a method; undefined where it depends on the state. */
function holds({ rpcs }: Descriptors, rpc: Rpc, header: Header, value: string): boolean | undefined {
  const read = readerOf({ rpcs }, rpc.path);
  const isOfBytes = read !== undefined && read.produces.length > 0 && !read.isStream && !read.isStreamed;
  const isTagged = read?.etag !== undefined || isOfBytes;
  const isAny = value === "*";
  if (rpc.verb === "GET") return header === "if-match" ? isAny : isAny && isTagged ? undefined : true;
  const isList = rpc.verb === "POST" && read !== undefined && !isOfBytes && !read.etag;
  // A POST that obeys If-Match changes what is there.
  const exists = rpc.verb === "PATCH" || rpc.verb === "DELETE" || isList || (rpc.verb === "POST" && rpc.ifMatch);
  if (header === "if-match") return isAny ? (rpc.verb === "PUT" && rpc.ifMatch ? undefined : exists) : false;
  if (!isAny) return rpc.ifMatch || !isTagged;
  if (exists) return false;
  return rpc.verb === "PUT" && rpc.ifMatch ? undefined : rpc.verb === "POST" && read === undefined;
}

function refusalCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  const sentence = "preconditions that are malformed, false or unknown, and ones that hold";
  return derived(derivation, rpc, "preconditions", sentence, codec, async (findings, fresh) => {
    const prepared = await fresh();
    const good: [Header, string][] = [];
    for (const header of ["if-match", "if-none-match"] as const) {
      for (const value of noLists)
        findings.refused(`${header}: ${value.slice(0, 20)}`, await send(prepared, header, value), malformed);
      for (const value of [...otherTags, "*"]) {
        const isHeld = holds(derivation.descriptors, rpc, header, value);
        if (isHeld === false) findings.refused(`${header}: ${value}`, await send(prepared, header, value), failed);
        if (isHeld === true) good.push([header, value]);
      }
    }
    if (rpc.isStream) return;
    findings.succeeded("the same request without a precondition", prepared, await prepared.send());
    for (const [header, value] of good) {
      const one = rpc.verb === "GET" ? prepared : await fresh();
      findings.succeeded(`${header}: ${value}`, one, await send(one, header, value));
    }
    // Nothing has a Last-Modified, so that a date is compared with nothing (RFC 9110, sections 13.1.3 and 13.1.4).
    for (const [header, date] of dates) {
      const one = rpc.verb === "GET" ? prepared : await fresh();
      findings.succeeded(`${header}: ${date}`, one, await one.send({ headers: { [header]: date } }));
    }
  });
}

/** On a method that evaluates preconditions together with its change. */
function changeCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  const sentence = "preconditions on what is there, and on what is not";
  return derived(derivation, rpc, "preconditions", sentence, codec, async (findings, fresh) => {
    const read = readerOf(derivation.descriptors, rpc.path);
    if (!read) return;
    const prepared = await fresh();
    if ((await tagOf(read, prepared)) === undefined) {
      findings.refused("if-match: *, of nothing", await send(prepared, "if-match", "*"), failed);
      const made = await send(prepared, "if-none-match", "*");
      findings.succeeded("if-none-match: *, of nothing", prepared, made);
    }
    const tag = (await tagOf(read, prepared)) ?? "";
    for (const value of ["*", tag, `"other", W/${tag}`])
      findings.refused(`if-none-match: ${value}`, await send(prepared, "if-none-match", value), failed);
    const both = { "if-match": tag, "if-none-match": tag };
    findings.refused("both of one tag", await prepared.send({ headers: both }), failed);
    const kept = await tagOf(read, prepared);
    findings.add("after refused changes", kept === tag ? [] : [`the tag changed from ${tag} to ${kept}`]);
    const list = `"other", "999999.other-json", ${tag}`;
    findings.succeeded(`if-match: ${list}`, prepared, await send(prepared, "if-match", list));
  });
}

function send(prepared: PreparedRequest, header: Header, value: string): Promise<Called> {
  return prepared.send({ headers: { [header]: value } });
}

/** The tag that a reader gives to the target of a request; undefined when there is nothing. */
async function tagOf(read: Rpc, prepared: PreparedRequest): Promise<string | undefined> {
  const { client, rpc, request, codec, token } = prepared;
  const named = Object.fromEntries(read.pathFields.map((name, index) => [name, request[rpc.pathFields[index]!]]));
  const { headers } = await client.call(read.name, named, { pair: { request: codec, response: codec }, token });
  return headers["etag"];
}
