// Invariants of entity tags over all answers of a server: at one URL, a strong tag stands for the same bytes, whoever asks, and
// the same bytes have the same tag.
import { createHash } from "node:crypto";
import type { ExchangeFacts, Report } from "./exchange-facts.js";

/** Of a long run, the answers that came last are compared. */
const mostKept = 20_000;

/** Compares each answer that has an ETag with the answers of the same URL before it. */
export function tagCheck(): (facts: ExchangeFacts, report: Report) => void {
  const bytesOf = new Map<string, string>();
  const tagOf = new Map<string, string>();
  return ({ request, answer, verb, codec }, report) => {
    const tag = answer.headers["etag"];
    if (verb !== "GET" || answer.status !== 200 || tag === undefined || tag.startsWith("W/")) return;
    const digest = createHash("sha256").update(answer.body).digest("base64url");
    if (keep(bytesOf, `${request.path} ${tag}`, digest) !== digest)
      report(`The ETag ${tag} stood for other bytes in an answer before, at the same URL`);
    const before = keep(tagOf, `${request.path} ${codec} ${digest}`, tag);
    if (before !== tag) report(`The ETag ${tag} stands for the bytes that had the ETag ${before} in an answer before`);
  };
}

/** Sets a value unless there is one; returns the one that is kept. */
function keep(values: Map<string, string>, key: string, value: string): string {
  const known = values.get(key);
  if (known !== undefined) return known;
  values.set(key, value);
  if (values.size > mostKept) values.delete(values.keys().next().value!);
  return value;
}
