// Content codings of responses: the message is the same in each. (The invariants check the headers of every response, and
// the bound of 1,024 bytes from which on a body is compressed.)
import { differences } from "../match.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import type { Called } from "../client/client.js";
import type { CodecName, Plain } from "../client/encoding.js";
import { rulesOf } from "../client/rules.js";
import { probes } from "../values/probes.js";
import { type Derivation, derived, rotatedCodecs, type Derive, type Findings } from "./derivation.js";
import type { PreparedRequest } from "./example-request.js";
import { readerAt } from "./requests/read-back.js";
import { ReusableRequest } from "./reusable-request.js";

const codings = [
  "gzip",
  "br",
  "x-gzip",
  "GZIP",
  "Br",
  "*",
  "gzip, br",
  "deflate, gzip;q=1.0, *;q=0.5",
  "gzip;q=0.5, br;q=1",
  "br;q=0.5, gzip;q=1",
  "br;q=0.001, X-GZIP;q=0.002",
  "br;q=0, *",
  "br;q=0,gzip;q=0.5 , identity;q=0",
  "gzip;q=0.5, identity",
  "gzip;q=0.5, br;q=0.4, identity;q=0.6",
  "gzip;q=0.5, br;q=0.4, identity;q=0.5",
  "identity",
  "gzip;q=0",
  "*;q=0, identity",
  "deflate",
  "",
];

export const compressionChecks: Derive = (derivation, rpc) =>
  rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "compression", "the same answer in each coding", codec, async (findings, fresh) => {
      const usual = await fresh();
      const large = largest(derivation, rpc, usual.request);
      const whole = await usual.send({}, large(usual.request));
      const expected = usual.comparable(whole);
      const reusable = new ReusableRequest(fresh);
      // A small answer is never coded.
      const isSmall = (whole.size ?? 0) < compressedFrom;
      for (const coding of isSmall ? codings.slice(0, 3) : codings) {
        await findings.using(`Accept-Encoding: ${coding}`, reusable, async (prepared) => {
          const answer = await prepared.send({ headers: { "accept-encoding": coding } }, large(prepared.request));
          return { faults: differences(prepared.comparable(answer), expected, true), curl: answer.curl };
        });
      }
      await checkAroundBound(findings, rpc, usual, large);
      await checkProblems(findings, usual);
      await checkTags(findings, derivation.descriptors, await fresh(), large, codec);
    }),
  );

/** The size from which on a body is compressed. The invariants check each answer. */
const compressedFrom = 1024;

/** Answers with one byte less than are compressed, as many, and one more: a text of the request is as long as that takes. */
async function checkAroundBound(
  findings: Findings,
  { success }: Rpc,
  prepared: PreparedRequest,
  large: (request: Plain) => Plain,
): Promise<void> {
  const longest = large(prepared.request);
  const name = Object.keys(longest).find((key) => longest[key] !== prepared.request[key]);
  if (name === undefined) return;
  const send = (length: number): Promise<Called> =>
    prepared.send({ headers: { "accept-encoding": "gzip" } }, { ...prepared.request, [name]: "x".repeat(length) });
  await findings.during("answers around the bound", async () => {
    const most = [...String(longest[name])].length;
    for (let length = Math.min(most, 1000), tries = 0; tries < 8; tries++) {
      const answer = await send(length);
      if (answer.status !== success) return;
      const size = (answer.size ?? 0) - compressedFrom;
      // Then a byte less, and one more.
      const next = length - size + (tries % 3) - 1;
      if (next < 1 || next > most) return;
      length = next;
    }
  });
}

/** A Problem has a content coding under the same conditions as a success. A long path makes it long enough: `instance` repeats it. */
async function checkProblems(findings: Findings, prepared: PreparedRequest): Promise<void> {
  const path = `/${"x".repeat(compressedFrom)}`;
  const send = (headers: Record<string, string>): Promise<Called> =>
    prepared.send({ verb: "GET", path, headers, isAnyAnswer: true });
  const { request_id: _, ...expected } = (await send({})).body;
  for (const coding of ["gzip", "br", "*", "gzip;q=0.5, br;q=0"]) {
    await findings.during(`an error, with Accept-Encoding: ${coding}`, async () => {
      const { status, headers, body, curl } = await send({ "accept-encoding": coding });
      const { request_id: __, ...rest } = body;
      const isCoded = status !== 404 || headers["content-encoding"] !== undefined;
      const faults = [...differences(rest, expected, true), ...(isCoded ? [] : ["it is in no coding"])];
      findings.add(`an error, with Accept-Encoding: ${coding}`, faults, curl);
    });
  }
}

/** What was created has a tag of its own in each coding, with which it is not sent again in that coding. */
async function checkTags(
  findings: Findings,
  descriptors: Descriptors,
  prepared: PreparedRequest,
  large: (request: Plain) => Plain,
  codec: CodecName,
): Promise<void> {
  const { client, token, rpc } = prepared;
  if (rpc.verb === "DELETE") return;
  const created = rpc.verb === "GET" ? undefined : await prepared.send({}, large(prepared.request));
  if (created && created.status !== rpc.success) return;
  const path = created?.headers["location"] ?? client.path(rpc, prepared.request);
  const reader = readerAt(descriptors, path);
  // A list of everything may change meanwhile.
  if (!reader?.rpc.etag || (token === undefined && !reader.rpc.isPublic)) return;
  const { name } = reader.rpc;
  const read = (headers: Record<string, string>, verb = "GET"): Promise<Called> =>
    client.call(name, reader.values, { pair: { request: codec, response: codec }, token, headers, verb });
  const tags = new Map<string, string>();
  for (const coding of codings.slice(0, 6).concat("identity")) {
    const what = `${name} after it, with Accept-Encoding: ${coding}`;
    await findings.during(what, async () => {
      const first = await read({ "accept-encoding": coding });
      const tag = first.headers["etag"] ?? "";
      const used = first.headers["content-encoding"] ?? "none";
      const before = tags.get(used) ?? tag;
      findings.add(what, differences(tag, before, true, `the tag of the coding ${used}`), first.curl);
      tags.set(used, before);
      const head = await read({ "accept-encoding": coding }, "HEAD");
      for (const header of ["etag", "content-type", "content-encoding", "content-length"]) {
        const same = differences(head.headers[header], first.headers[header], true, `${header} of HEAD`);
        findings.add(what, same, head.curl);
      }
      const again = await read({ "accept-encoding": coding, "if-none-match": `"other", ${tag}` });
      findings.add(what, differences(again.status, 304, true, "the same tag again: status"), again.curl);
      findings.add(what, differences(again.headers["etag"], tag, true, "the tag of 304"), again.curl);
    });
  }
  const repeated = tags.size - new Set(tags.values()).size;
  if (repeated > 0) findings.add(`${name} after it`, ["two codings have the same tag"]);
}

/** Makes the texts of a request as long as they may be: a response that repeats them is then large. */
function largest({ descriptors, suite }: Derivation, rpc: Rpc, template: Plain): (request: Plain) => Plain {
  if (!rpc.hasBody) return (request) => request;
  const claimed = new Set(suite.enrolment.claimed);
  const longest = probes(descriptors, rpc.request, template).filter(
    ({ side, rule }) => side === "inside" && rule === "string.max_len",
  );
  // A text that the response repeats, with no rule but its length.
  const isFree = (name: string): boolean => {
    const field = rpc.request.fields.find((one) => one.name === name)!;
    if (!rpc.response.fields.some((twin) => twin.name === name)) return false;
    // The same value is not taken twice.
    if (claimed.has(name) || claimed.has(`${rpc.name}.${name}`)) return false;
    return Object.keys(rulesOf(descriptors, field).of).every((rule) =>
      ["min_len", "max_len", "example"].includes(rule),
    );
  };
  const long = longest.filter(({ field }) => typeof template[field] === "string" && isFree(field));
  return (request) => ({ ...request, ...Object.fromEntries(long.map(({ field, value }) => [field, value[field]])) });
}
