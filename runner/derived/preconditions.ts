// Preconditions (RFC 9110, section 13.1): If-None-Match answers 304, and If-Match prevents a lost update, with a tag of any
// serialization, also with that of the answer to a change.
import type { Check } from "../check.js";
import type { Worker } from "../cases/worker.js";
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { CodecName } from "../client/encoding.js";
import { differences } from "../match.js";
import type { PreparedRequest } from "./example-request.js";
import { derived, rotatedPairs, type Derivation, type Derive } from "./derivation.js";
import { readerAt } from "./requests/read-back.js";

const changed = { status: 412, reason: "PRECONDITION_FAILED" };

export const preconditionChecks: Derive = (derivation, rpc) => {
  const { codecs, descriptors } = derivation;
  const readerAtPath = (place: string): Rpc | undefined =>
    [...descriptors.rpcs.values()].find(({ verb, path }) => verb === "GET" && path === place);
  // A change is at the path of what it changes, or, where it is an action, below that.
  const reader = readerAtPath(rpc.path) ?? readerAtPath(rpc.path.replace(/\/\w+$/, ""));
  if (rpc.etag !== undefined && rpc.verb === "GET")
    return codecs.map((codec) =>
      derived(
        derivation,
        rpc,
        "preconditions",
        "an unchanged answer is not sent again",
        codec,
        async (findings, fresh) => {
          const prepared = await fresh();
          const first = await prepared.send();
          const tag = first.headers["etag"] ?? "";
          findings.add(
            "ETag",
            /^"[^"]+"$/.test(tag) ? [] : [`expected a strong tag, got ${tag || "none"}`],
            first.curl,
          );
          const sendWith = (value: string, asked: CodecName = codec) =>
            prepared.send({ pair: { request: asked, response: asked }, headers: { "if-none-match": value } });
          if (prepared.example.tested.noisy) return;
          for (const value of [tag, `W/${tag}`, "*", ...listsWith(tag)]) {
            const answer = await sendWith(value);
            const got =
              answer.headers["etag"] === tag ? answer.status : `${answer.status} with ${answer.headers["etag"]}`;
            findings.add(`If-None-Match: ${value}`, got === 304 ? [] : [`expected 304, got ${got}`], answer.curl);
          }
          findings.succeeded("If-None-Match with another tag", prepared, await sendWith('"other"'));
          findings.add("HEAD", await headFaults(prepared, tag));
          for (const other of codecs.filter((one) => one !== codec))
            findings.succeeded(`a tag of ${codec}, with the answer in ${other}`, prepared, await sendWith(tag, other));
        },
      ),
    );
  const changes = rpc.etag === undefined ? [] : codecs.map((codec) => changeTagCheck(derivation, rpc, codec));
  if (!rpc.ifMatch || !reader?.etag) return changes;
  const tagged = rotatedPairs(derivation, rpc).map(([known, codec]) =>
    derived(derivation, rpc, "preconditions", `a tag from an answer in ${known}`, codec, async (findings, fresh) => {
      const read = ({ client, request, token }: PreparedRequest): Promise<Called> => {
        const pair = { request: known, response: known };
        const named = Object.fromEntries(reader.pathFields.map((name) => [name, request[name]]));
        return client.call(reader.name, named, { pair, token });
      };
      const tagOf = async (one: PreparedRequest): Promise<string> => (await read(one)).headers["etag"] ?? "";
      const prepared = await fresh();
      const tag = await tagOf(prepared);
      const another = tag.replace(/^"\d+/, '"999999');
      const tries = {
        "another version": another,
        "an unknown tag": '"other"',
        "a list of other tags": `"other", ${another}, W/"1"`,
      };
      for (const [what, value] of Object.entries(tries))
        findings.refused(what, await prepared.send({ headers: { "if-match": value } }), changed);
      const again = await tagOf(prepared);
      findings.add("after a refused change", again === tag ? [] : [`the tag changed from ${tag} to ${again}`]);
      const good = await prepared.send({ headers: { "if-match": tag } });
      findings.succeeded(`If-Match: ${tag}`, prepared, good);
      // What is gone has no tag.
      if (rpc.verb !== "DELETE" && (await read(prepared)).status === reader.success)
        findings.refused("the same tag again", await prepared.send({ headers: { "if-match": tag } }), changed);
      const forms = [
        () => "*",
        (one: string) => `W/${one}`,
        ...listsWith("").map((_, at) => (one: string) => listsWith(one)[at]!),
      ];
      for (const form of forms) {
        const other = await fresh();
        const value = form(await tagOf(other));
        findings.succeeded(`If-Match: ${value}`, other, await other.send({ headers: { "if-match": value } }));
      }
    }),
  );
  return [...changes, ...tagged];
};

/** The tag in the answer to a change: that of a read afterwards, or, where a read returns more, one with the same version. */
function changeTagCheck({ descriptors, ...rest }: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  const sentence = "the tag of what was changed";
  return derived({ descriptors, ...rest }, rpc, "preconditions", sentence, codec, async (findings, fresh) => {
    const prepared = await fresh();
    const { client, request, token } = prepared;
    const answer = await prepared.send();
    findings.succeeded("the change", prepared, answer);
    const tag = answer.headers["etag"] ?? "";
    const reader = readerAt(descriptors, answer.headers["location"] ?? client.path(rpc, request));
    if (!reader || (token === undefined && !reader.rpc.isPublic)) return;
    const pair = { request: codec, response: codec };
    const read = (headers = {}) => client.call(reader.rpc.name, reader.values, { pair, token, headers });
    const whole = await read();
    const now = whole.headers["etag"] ?? "";
    const isSame = reader.rpc.response === rpc.response;
    const versionOf = (one: string): string => one.slice(0, one.indexOf("."));
    const faults = isSame
      ? differences(tag, now, true, "ETag beside that of a read")
      : differences(versionOf(tag), versionOf(now), true, "version in the ETag");
    findings.add("after the change", faults, whole.curl);
    const known = await read({ "if-none-match": tag });
    findings.add("a read of what is known", differences(known.status, isSame ? 304 : 200, true, "status"), known.curl);
    if (!rpc.ifMatch) return;
    const again = await prepared.send({ headers: { "if-match": tag } });
    findings.succeeded(`another change, with If-Match: ${tag}`, prepared, again);
  });
}

/** Lists that name a tag: as the first, the last and between others, also without white space, with a comma in another tag. */
function listsWith(tag: string): string[] {
  return [`${tag}, "other"`, `"999999.other-json",${tag}`, `W/"a,b" , ${tag},"other"`];
}

/** HEAD is answered as GET is: with 304 where If-None-Match names the tag, and with the whole head otherwise. */
export async function headFaults(prepared: PreparedRequest, tag: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [value, status] of [
    [tag, 304],
    [`"other", W/${tag}`, 304],
    ['"other"', 200],
  ] as const) {
    const head = await prepared.send({ verb: "HEAD", headers: { "if-none-match": value } });
    const got = head.headers["etag"] === tag ? head.status : `${head.status} with ${head.headers["etag"]}`;
    if (got !== status) faults.push(`If-None-Match: ${value}: expected ${status}, got ${got}`);
  }
  return faults;
}
