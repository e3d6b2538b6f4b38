// Calls methods over web sockets, of which each caller has one in each serialization, and reads what comes of it as an answer.
import { UnreadableAnswer, type Called, type Client } from "../client.js";
import type { Rpc } from "../descriptors.js";
import { stringify } from "../json.js";
import { codecOf, decode, type CodecName, type Plain } from "../encoding.js";
import { content, longestBody, quote, type RawAnswer, type RawRequest } from "../exchange.js";
import { OpeningRefused, SocketClosed, type OpenSocket } from "./open-socket.js";
import { NoSockets, type Openings } from "./openings.js";
import { SocketFrames } from "./socket-frames.js";
import type { SocketNames } from "./socket-names.js";

export interface SocketCallOptions {
  readonly codec: CodecName;
  /** Opens the socket, as `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** As the headers Idempotency-Key and If-Match. */
  readonly idempotencyKey?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** Whether a method can be called over a socket: with a login, its messages are all that it takes and gives. */
export function isCallable({ isPublic, isForm, bodyField, produces }: Rpc): boolean {
  return !isPublic && !isForm && bodyField === undefined && produces.length === 0;
}

export class SocketClient {
  private readonly frames = new Map<CodecName, SocketFrames>();
  private readonly sockets = new Map<string, Promise<OpenSocket>>();

  /** `onResult` is called for each result that comes. */
  constructor(
    private readonly client: Client,
    readonly names: SocketNames,
    private readonly openings: Openings,
    private readonly onResult: () => void = () => undefined,
  ) {}

  /**
   * Calls a method. Where the socket is refused to the caller, that is the answer. Rejects with UnreadableAnswer when the result is not
   * what the contract declares, or has a fault that a hook returns, and with NoSockets when no socket can be opened at all.
   */
  async call(name: string, request: Plain, options: SocketCallOptions): Promise<Called> {
    const { client } = this;
    const rpc = client.rpc(name);
    const { codec, token } = options;
    const pair = { request: codec, response: codec, isOverSocket: true };
    const fields = this.fieldsOf(rpc, request, options);
    const shown = this.shown(fields, codec, token);
    try {
      const result = await this.resultOf(fields, codec, token);
      this.onResult();
      return { ...this.answerOf(rpc, request, result, options, shown), pair };
    } catch (error) {
      if (!(error instanceof OpeningRefused)) throw this.withCommand(error, shown.line);
      return { ...(await client.receive(undefined, shown.raw, error.answer)), curl: shown.line, pair };
    }
  }

  /** Closes all sockets. */
  close(): void {
    for (const opening of this.sockets.values())
      opening.then(
        (socket) => socket.close(),
        () => undefined,
      );
    this.sockets.clear();
  }

  private async resultOf(fields: Plain, codec: CodecName, token: string | undefined): Promise<Plain> {
    const socket = await this.open(codec, token);
    try {
      return await socket.call(fields);
    } catch (error) {
      // Where the caller may not stay, the server closes the socket, and says why when the next one is opened.
      if (error instanceof SocketClosed) await this.open(codec, token);
      throw error;
    }
  }

  private async open(codec: CodecName, token: string | undefined): Promise<OpenSocket> {
    const key = `${codec} ${token ?? ""}`;
    const known = this.sockets.get(key);
    if (known) {
      const socket = await known;
      if (socket.isOpen) return socket;
      // Another call may have opened the next one meanwhile.
      if (this.sockets.get(key) !== known) return this.open(codec, token);
    }
    const { url } = this.client;
    const isProblem = (answer: RawAnswer): Promise<boolean> => this.isProblem(answer);
    const opening = this.openings.open({ url, token, frames: this.framesOf(codec), isProblem });
    this.sockets.set(key, opening);
    // A refusal is the answer to one call; the next one asks again.
    opening.catch(() => this.sockets.get(key) === opening && this.sockets.delete(key));
    return opening;
  }

  private async isProblem(answer: RawAnswer): Promise<boolean> {
    const { registry, problem } = this.client.descriptors;
    const codec = codecOf(answer.headers["content-type"]);
    if (codec === undefined) return false;
    try {
      return answer.status >= 400 && decode(registry, problem, await content(answer), codec) !== undefined;
    } catch {
      return false;
    }
  }

  private framesOf(codec: CodecName): SocketFrames {
    const frames = this.frames.get(codec) ?? new SocketFrames(this.client.descriptors, this.names, codec);
    this.frames.set(codec, frames);
    return frames;
  }

  private fieldsOf(rpc: Rpc, request: Plain, { idempotencyKey, ifMatch }: SocketCallOptions): Plain {
    const { call } = this.names;
    const isEmpty = rpc.request.fields.length === 0;
    return {
      [call.method]: rpc.declaredName,
      // Left out, it has all its defaults.
      ...(!isEmpty && { [call.request]: { "@type": `type.googleapis.com/${rpc.request.typeName}`, ...request } }),
      ...(idempotencyKey !== undefined && { [call.idempotencyKey]: idempotencyKey }),
      ...(ifMatch !== undefined && { [call.ifMatch]: ifMatch }),
    };
  }

  private answerOf(
    rpc: Rpc,
    request: Plain,
    result: Plain,
    { codec, token }: SocketCallOptions,
    { raw, line, isSecret }: Shown,
  ): Omit<Called, "pair"> {
    const { hooks } = this.client;
    const of = this.names.result;
    const status = Number(result[of.status]);
    const { "@type": url, ...response } = (result[of.response] ?? {}) as Plain;
    const problem = result[of.problem] as Plain | undefined;
    const message = problem ?? (url === undefined ? undefined : response);
    const unreadable = (why: string): UnreadableAnswer => {
      const text = isSecret ? "not shown, since the request has a secret" : JSON.stringify(result);
      return new UnreadableAnswer(
        why,
        line,
        { status, headers: { "content-type": this.names.path }, body: noBytes },
        text,
      );
    };
    const due = `type.googleapis.com/${rpc.response.typeName}`;
    if (url !== undefined && url !== due) throw unreadable(`the response is ${String(url)}, and not ${due}`);
    if (message) hooks.onMessage?.(raw, message);
    const location = String(result[of.location]);
    const etag = String(result[of.etag]);
    const isReplayed = result[of.isReplayed] === true;
    const faults = hooks.faultsOfResult?.({ rpc, request, status, message, location, etag, isReplayed }) ?? [];
    if (faults.length > 0) throw unreadable(faults.join("; "));
    const headers = {
      ...(location !== "" && { location }),
      ...(etag !== "" && { etag }),
      ...(isReplayed && { "idempotency-replayed": "true" }),
    };
    const answer = { status, headers, body: message ?? {}, codec: message && codec, curl: line };
    if (status < 300) hooks.onSuccess?.({ rpc, request, answer, token });
    return answer;
  }

  private shown(fields: Plain, codec: CodecName, token: string | undefined): Shown {
    const { names, client } = this;
    const frame = { [names.sent.call]: { [names.call.id]: "1", ...fields } };
    const raw: RawRequest = {
      verb: "GET",
      path: names.path,
      headers: [
        ["sec-websocket-protocol", names.subprotocols[codec]],
        ...(token === undefined ? [] : [["authorization", `Bearer ${token}`] as const]),
      ],
      body: stringify(frame),
    };
    const shown = client.hooks.masked?.(raw) ?? raw;
    return { raw, isSecret: shown.body !== raw.body, line: commandOf(client.url, shown, names.subprotocols) };
  }

  private withCommand(error: unknown, line: string): unknown {
    if (error instanceof UnreadableAnswer || !(error instanceof Error)) return error;
    const { message } = error;
    const shown = error instanceof NoSockets ? new NoSockets(message) : new Error(message, { cause: error });
    return Object.assign(shown, { curl: line });
  }
}

/** A call as it may be shown. */
interface Shown {
  readonly raw: RawRequest;
  readonly isSecret: boolean;
  readonly line: string;
}

const noBytes = Buffer.alloc(0);

/** The call as a command line of wscat, in JSON. */
function commandOf(
  url: string,
  { path, headers = [], body }: RawRequest,
  { json }: SocketNames["subprotocols"],
): string {
  const parts = ["wscat", "-c", quote(url.replace(/^http/, "ws").replace(/\/$/, "") + path), "-s", json];
  for (const [name, value] of headers) if (name === "authorization") parts.push("-H", quote(`${name}: ${value}`));
  const text = String(body ?? "");
  return [...parts, "-w", "1", "-x", text.length > longestBody ? `a-frame-of-${text.length}-bytes` : quote(text)].join(
    " ",
  );
}
