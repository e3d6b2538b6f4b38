// Downloads of any media type (RFC 9110, sections 13 and 14): whatever Accept says, in whole or in ranges, and once.
import type { Check } from "../../check.js";
import type { Worker } from "../../cases/worker.js";
import type { Rpc } from "../../client/descriptors.js";
import type { Called } from "../../client/client.js";
import type { CodecName } from "../../client/encoding.js";
import { differences } from "../../match.js";
import { derived, type Derivation } from "../derivation.js";
import { headFaults } from "../preconditions.js";

const unsatisfiable = { status: 416, reason: "RANGE_NOT_SATISFIABLE" };
const changed = { status: 412, reason: "PRECONDITION_FAILED" };

/** The content of the example needs three bytes. */
export function streamedDownloadCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  return derived(derivation, rpc, "content", "a download of any media type", codec, async (findings, fresh) => {
    const prepared = await fresh();
    const usual = await prepared.send();
    findings.succeeded("the whole", prepared, usual);
    const bytes = Buffer.from(String(usual.body["data"]), "base64");
    const { length } = bytes;
    const tag = usual.headers["etag"] ?? "";
    const expect = async (
      what: string,
      headers: Record<string, string | undefined>,
      status: number,
      body?: Buffer,
    ): Promise<Called> => {
      const answer = await prepared.send({ headers, isAnyAnswer: true });
      const got = Buffer.from(String(answer.body["data"] ?? ""), "base64");
      const faults = answer.status === status ? [] : [`expected ${status}, got ${answer.status}`];
      if (body && answer.status === status && !got.equals(body))
        faults.push(`the bytes are others: ${got.length} of them`);
      findings.add(what, faults, answer.curl);
      return answer;
    };
    for (const accept of [undefined, "*/*", "text/x-other", "application/json", "*/*;q=0"])
      await expect(`Accept: ${accept ?? "none"}`, { accept }, 200, bytes);
    for (const value of [tag, `W/${tag}`, "*", `"other", ${tag}`])
      await expect(`If-None-Match: ${value}`, { "if-none-match": value }, 304);
    await expect("If-None-Match with another tag", { "if-none-match": '"other"' }, 200, bytes);
    await expect("If-Match with the tag", { "if-match": tag }, 200, bytes);
    for (const value of ['"other"', `W/${tag}`])
      findings.refused(`If-Match: ${value}`, await prepared.send({ headers: { "if-match": value } }), changed);
    findings.add("HEAD", await headFaults(prepared, tag));

    const ranges: readonly [range: string, from: number, to: number][] = [
      ["bytes=0-0", 0, 1],
      ["bytes=1-", 1, length],
      ["bytes=-1", length - 1, length],
      [`bytes=-${length * 2}`, 0, length],
      [`bytes=0-${length * 2}`, 0, length],
      ["Bytes=0-0", 0, 1],
      ["bytes=0-0, 1-1,0-1", 0, 2],
      [`bytes=0-1, ${length}-`, 0, 2],
    ];
    for (const [range, from, to] of ranges) {
      const answer = await expect(`Range: ${range}`, { range }, 206, bytes.subarray(from, to));
      const named = differences(
        answer.headers["content-range"],
        `bytes ${from}-${to - 1}/${length}`,
        true,
        "Content-Range",
      );
      findings.add(`Range: ${range}`, named, answer.curl);
    }
    for (const range of [
      "bytes=",
      "bytes=-",
      "bytes=2-1",
      "bytes=a-b",
      "lines=0-0",
      "bytes=0-0;1",
      `bytes=${"0-0,".repeat(200)}`,
    ])
      await expect(`Range: ${range.slice(0, 20)}, which is ignored`, { range }, 200, bytes);
    for (const range of [`bytes=${length}-`, "bytes=-0", `bytes=${length}-${length + 5}, ${length * 3}-`]) {
      const answer = await prepared.send({ headers: { range } });
      findings.refused(`Range: ${range}`, answer, unsatisfiable);
      const named = differences(answer.headers["content-range"], `bytes */${length}`, true, "Content-Range");
      findings.add(`Range: ${range}`, named, answer.curl);
    }
    const range = "bytes=0-0";
    await expect("If-Range with the tag", { range, "if-range": tag }, 206, bytes.subarray(0, 1));
    for (const value of [`W/${tag}`, '"other"', "Sun, 06 Nov 2044 08:49:37 GMT"])
      await expect(`If-Range: ${value}`, { range, "if-range": value }, 200, bytes);
    await expect("If-None-Match before Range", { range, "if-none-match": tag }, 304);
    const head = await prepared.send({ verb: "HEAD", headers: { range } });
    findings.add("HEAD with Range", head.status === 200 ? [] : [`expected 200, got ${head.status}`], head.curl);
    await parts(expect, bytes);
  });
}

/** Two ranges that do not touch are two parts, each with its place. */
async function parts(
  expect: (what: string, headers: Record<string, string>, status: number) => Promise<Called>,
  bytes: Buffer,
): Promise<void> {
  const last = bytes.length - 1;
  const answer = await expect("two ranges", { range: `bytes=${last}-,0-0` }, 206);
  const text = Buffer.from(String(answer.body["data"] ?? ""), "base64").toString("latin1");
  const boundary = /boundary=(\w+)$/.exec(answer.headers["content-type"] ?? "")?.[1];
  const found = text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = "", body = ""] = part.split("\r\n\r\n");
      return `${/content-range: (.*)/i.exec(head)?.[1]?.trim()} ${Buffer.from(body.slice(0, -2), "latin1").toString("hex")}`;
    });
  const due = [0, last].map((at) => `bytes ${at}-${at}/${bytes.length} ${bytes.subarray(at, at + 1).toString("hex")}`);
  if (found.join() !== due.join()) await expect(`two ranges: ${found.join()} and not ${due.join()}`, {}, 0);
}
