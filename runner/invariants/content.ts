// Invariants of answers that are no message: bytes as they are, and streams of events.
import type { Plain } from "../client/encoding.js";
import type { ExchangeFacts, Report } from "./exchange-facts.js";
import { show } from "./headers.js";

/** Checks the media type, the ETag, and that the bytes are in no content coding. */
export function checkContent({ rpc, isProblem, answer, sent, verb, message }: ExchangeFacts, report: Report): void {
  if (!rpc || rpc.produces.length === 0 || isProblem || verb === "OPTIONS") return;
  const { headers } = answer;
  if (headers["content-encoding"] !== undefined) report(`Content-Encoding of bytes: ${headers["content-encoding"]}`);
  const type = headers["content-type"];
  if (rpc.isStream) {
    if (type !== "text/event-stream; charset=utf-8") report(`Content-Type of a stream is ${show(type)}`);
    if (verb !== "HEAD") checkEventId(answer.body.toString("utf8"), rpc.resumedBy, message, report);
    return;
  }
  const written = rpc.produces.map((one) => (one.startsWith("text/") ? `${one}; charset=utf-8` : one));
  if (answer.status === 200 && !rpc.isStreamedDownload && !written.includes(type ?? ""))
    report(`Content-Type is ${show(type)}, and not one of ${written.join(", ")}`);
  // Of a streamed answer nobody knows the tag before its end; that it has none, successes.ts checks.
  if (rpc.isStreamed) return;
  if (rpc.isStreamedDownload && answer.status < 300) checkDownload(headers, report);
  const tag = headers["etag"];
  if (tag === undefined || !/^"[\w-]{8,}"$/.test(tag)) return report(`ETag of bytes is not a strong one: ${show(tag)}`);
  const known = sent["if-none-match"]?.split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (answer.status === 200 && known?.some((one) => one === tag || one === "*"))
    report(`If-None-Match names the ETag ${tag}, and the answer is 200 and not 304`);
}

/** The id of the first event is a field of its message; an event without ids has none. */
function checkEventId(events: string, field: string | undefined, message: Plain | undefined, report: Report): void {
  const id = /^id: ?(.*)$/m.exec(events.slice(0, events.indexOf("\n\n", events.search(/^data: /m))))?.[1];
  const due = field === undefined ? undefined : message?.[field];
  if (message && id !== due) report(`The id of the event is ${show(id)}, where ${field ?? "no field"} is its id`);
}

/** A file of a stranger: a browser saves or shows it, and runs none of it. */
function checkDownload(headers: Readonly<Record<string, string | undefined>>, report: Report): void {
  const policy = headers["content-security-policy"] ?? "";
  if (!policy.split(/;\s*/).includes("sandbox"))
    report(`Content-Security-Policy of a file has no sandbox: ${show(policy)}`);
  if (headers["accept-ranges"] !== "bytes") report(`Accept-Ranges of a file is ${show(headers["accept-ranges"])}`);
  const disposition = headers["content-disposition"] ?? "";
  if (!/^(?:inline|attachment); filename="/.test(disposition))
    report(`Content-Disposition of a file is ${show(disposition)}`);
  if (/html|xml|script/.test(headers["content-type"] ?? "")) report(`A file is served as ${headers["content-type"]}`);
}
