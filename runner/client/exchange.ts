// One HTTP exchange over node:http, so that the caller controls every header, verb and byte.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";

/** An HTTP request. Content-Length and Host are added unless they are given. */
export interface RawRequest {
  readonly verb: string;
  /** Path and query, sent unchanged. */
  readonly path: string;
  /** Names and values in order; a name may occur twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer | string;
  /** The body is held back until the server asks for it with 100 (Continue); a server that answers at once gets none. */
  readonly isBodyHeld?: boolean | undefined;
}

/** An HTTP response. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; the values of a repeated header are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether 100 (Continue) came before it. */
  readonly isContinued?: boolean | undefined;
}

// A server closes idle connections after some seconds. A connection that is about to be closed is not used for a request,
// whose result would be unknown.
const keptAlive = { keepAlive: true, timeout: 1_000 };
const agents = { "http:": new HttpAgent(keptAlive), "https:": new HttpsAgent(keptAlive) };
const timeoutMs = 30_000;
/** A server that neither asks for a body nor answers for so long does neither. */
const continueMs = 10_000;
/** A longer body makes a command line that cannot be pasted. */
export const longestBody = 64 * 1024;

/**
 * Sends a request and reads the whole response; of a stream of events, up to the end of its first event. Rejects when the
 * connection fails, or after 30 seconds without data.
 */
export function exchange(url: string, raw: RawRequest): Promise<RawAnswer> {
  const base = new URL(url);
  const body = raw.body === undefined ? undefined : Buffer.from(raw.body);
  const headers = [...(raw.headers ?? [])];
  const has = (name: string): boolean => headers.some(([key]) => key.toLowerCase() === name);
  if (!has("host")) headers.unshift(["Host", base.host]);
  if (!has("content-length") && !has("transfer-encoding") && (body || /^(POST|PUT|PATCH)$/.test(raw.verb)))
    headers.push(["Content-Length", String(body?.length ?? 0)]);
  const secure = base.protocol === "https:";
  return new Promise((resolve, reject) => {
    const sent = (secure ? httpsRequest : httpRequest)({
      host: base.hostname,
      port: base.port || (secure ? 443 : 80),
      agent: raw.isBodyHeld ? false : secure ? agents["https:"] : agents["http:"],
      method: raw.verb,
      path: base.pathname.replace(/\/$/, "") + raw.path,
      headers: headers.flat(),
      timeout: timeoutMs,
    });
    sent.on("timeout", () => sent.destroy(new Error(`No answer to ${raw.verb} ${raw.path} in ${timeoutMs / 1000} s`)));
    sent.on("error", reject);
    let isContinued = false;
    sent.on("continue", () => void (isContinued = true));
    sent.on("response", (incoming) =>
      collect(incoming)
        .then((answer) => resolve({ ...answer, isContinued }), reject)
        .finally(() => raw.isBodyHeld && sent.destroy()),
    );
    if (!raw.isBodyHeld) return void sent.end(body);
    const silence = new Error(
      `Neither 100 Continue nor an answer to ${raw.verb} ${raw.path} in ${continueMs / 1000} s`,
    );
    const timer = setTimeout(() => sent.destroy(silence), continueMs);
    sent.on("continue", () => sent.end(body)).once("response", () => clearTimeout(timer));
    sent.once("continue", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
    sent.flushHeaders();
  });
}

async function collect(incoming: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  const isStream = incoming.headers["content-type"]?.startsWith("text/event-stream") ?? false;
  // Leaving the loop closes the connection.
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
    if (isStream && /^data: .*\n\n/m.test(Buffer.concat(chunks).toString("utf8"))) break;
  }
  return { ...headOf(incoming), body: Buffer.concat(chunks) };
}

/** The status and the headers of a response. */
export function headOf({ statusCode = 0, headers: all }: IncomingMessage): Omit<RawAnswer, "body"> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) headers[name] = [value].flat().join(", ");
  return { status: statusCode, headers };
}

/** The body without its content coding. */
export async function content(answer: Pick<RawAnswer, "headers" | "body">): Promise<Buffer> {
  const coding = answer.headers["content-encoding"];
  if (answer.body.length === 0 || coding === undefined || coding === "identity") return answer.body;
  if (coding === "gzip") return promisify(gunzip)(answer.body);
  if (coding === "br") return promisify(brotliDecompress)(answer.body);
  throw new Error(`The answer is coded in ${coding}`);
}

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The request as a command line of curl; a body that is not text is piped through base64. */
export function curl(url: string, raw: RawRequest): string {
  const body = raw.body === undefined ? undefined : Buffer.from(raw.body);
  const text = body?.toString("utf8");
  const isText = body !== undefined && Buffer.from(text!).equals(body) && !/(?![\t\n\r])\p{Cc}/u.test(text!);
  const parts = ["curl", "-i", "-X", raw.verb, quote(url.replace(/\/$/, "") + raw.path)];
  if (raw.verb === "HEAD") parts.splice(1, 3, "--head");
  for (const [name, value] of raw.headers ?? []) parts.push("-H", quote(`${name}: ${value}`));
  if (body === undefined) return parts.join(" ");
  if (body.length > longestBody) return [...parts, "--data-binary", `@a-body-of-${body.length}-bytes`].join(" ");
  if (isText) return [...parts, "--data-raw", quote(text!)].join(" ");
  return `printf %s ${body.toString("base64") || "''"} | base64 -d | ${[...parts, "--data-binary", "@-"].join(" ")}`;
}
