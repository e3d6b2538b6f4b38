// The moments in a list's request: two spellings of one moment are the same filter, and moments that differ at all are two. A
// page token shows it: it is good for the filters of its page alone. A misspelt moment is refused with what is wrong with it.
import type { DescField } from "@bufbuild/protobuf";
import type { Rpc } from "../../client/descriptors.js";
import { show } from "../../match.js";
import { fieldTypeOf } from "../../values/field-type.js";
import { malformed, type Findings } from "../derivation.js";
import type { PreparedRequest } from "../example-request.js";
import { atOffset, spellingsOf } from "./moment-spellings.js";
import type { OpenedList } from "./opened-list.js";

/** Pairs of spellings of one moment, the first one in UTC with milliseconds. */
function samePairs(): [utc: string, other: string][] {
  const pairs: [string, string][] = [
    ["2000-02-29T12:34:56.500Z", "2000-02-29T12:34:56.5Z"],
    ["2024-02-29T12:34:56.120Z", "2024-02-29T12:34:56.12Z"],
    ["1999-12-31T23:59:59.010Z", "1999-12-31T23:59:59.01Z"],
    ["1600-02-29T00:00:00.001Z", "1600-02-29T00:00:00.001000000Z"],
    ["0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z"],
    ["0001-01-01T00:00:00.000Z", atOffset("0001-01-01T00:00:00.000Z", "+14:00")],
    ["1900-03-01T00:00:00.000Z", "1900-02-28T12:00:00-12:00"],
    ["2000-03-01T00:00:00.000Z", "2000-02-29T12:00:00-12:00"],
    ["1970-01-01T00:00:00.000Z", "1969-12-31T23:59:00-00:01"],
  ];
  for (const utc of ["2000-02-29T12:34:56.789Z", "0999-12-31T23:59:59.007Z"])
    for (const other of spellingsOf(utc)) pairs.push([utc, other]);
  return pairs;
}

/** Moments that are not the same as the first of them. */
const differentPairs: readonly [string, string][] = [
  ["2000-01-01T00:00:00.500Z", "2000-01-01T00:00:00.005Z"],
  ["2000-01-01T00:00:00.500Z", "2000-01-01T00:00:00.501Z"],
  ["2000-01-01T00:00:00.500Z", "2000-01-01T00:00:01.500Z"],
  ["2000-01-01T00:00:00.500Z", "2000-01-01T00:00:00.500001Z"],
  ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999999999Z"],
  ["2000-01-01T00:00:00.500Z", "2000-01-01T00:00:00.500+00:01"],
  ["2000-01-01T03:00:00.000Z", "2000-01-01T00:00:00.000+03:00"],
];

/** Misspelt moments, as they are in a query, and what the refusal says. */
const misspelt: readonly [text: string, hint: RegExp][] = [
  ["2000-01-01T00:00:00+03:00", /%2B/],
  ["2000-01-01T00:00:00.5+0300", /%2B/],
  ["2000-01-01T00:00:00%2B0000", /colon/],
  ["2000-01-01T00:00:00-03", /colon/],
  ["2000-01-01T00:00:00", /offset/],
  ["2000-01-01%2000:00:00Z", /\bT\b/],
];

/** Sends misspelt moments in every field of a method's query that is one. */
export async function checkMisspelt(findings: Findings, prepared: PreparedRequest): Promise<void> {
  for (const field of momentsOf(prepared.rpc)) {
    for (const [text, hint] of misspelt) {
      const what = `${field.name}=${text}`;
      const answer = await prepared.send({ query: what });
      findings.refused(what, answer, malformed);
      const detail = String(answer.body["detail"]);
      findings.add(what, hint.test(detail) ? [] : [`the detail does not say what is wrong: ${detail}`], answer.curl);
    }
  }
}

/** The fields of a method's query that are moments. */
export function momentsOf({ hasBody, request, pathFields }: Rpc): DescField[] {
  const inQuery = hasBody ? [] : request.fields.filter(({ name }) => !pathFields.includes(name));
  return inQuery.filter((field) => fieldTypeOf(field).kind === "timestamp");
}

/** Tries every field of a list's request that is a moment. */
export async function checkMoments(findings: Findings, list: OpenedList): Promise<void> {
  const [request] = list.requests;
  const { limit, token, refused } = list.paging;
  for (const field of list.rpc.request.fields) {
    // A bound in the past leaves all rows, one in the future too.
    if (fieldTypeOf(field).kind !== "timestamp" || !request || !field.name.endsWith("_after")) continue;
    const send = async (text: string, next: string) => {
      const rest = { ...request, [limit]: 1, ...(next && { [token]: next }) };
      const query = `${list.client.query(list.rpc, rest, "json")}&${field.name}=${encodeURIComponent(text)}`;
      return list.send(rest, { query });
    };
    for (const [utc, other] of [...samePairs(), ...differentPairs]) {
      const isSame = !differentPairs.some(([a, b]) => a === utc && b === other);
      const what = `a token of ${field.name} ${utc} with ${other}`;
      await findings.during(what, async () => {
        const first = await send(utc, "");
        const next = String(first.body[list.paging.next] ?? "");
        if (next === "") return findings.add(what, [`there is none: ${show(first.body)}`], first.curl);
        const { status, body, curl } = await send(other, next);
        const got = status === list.rpc.success ? "the next page" : `${status} ${String(body["reason"])}`;
        const isAsExpected = isSame ? status === list.rpc.success : body["reason"] === refused;
        findings.add(what, isAsExpected ? [] : [`expected ${isSame ? "the next page" : refused}, got ${got}`], curl);
      });
    }
  }
}
