// What a call takes from its HTTP request, read on first use: most calls use none of it.
import { setMaxListeners } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { type CallSource, type Client, languages } from "../call.js";
import { preferredLanguage } from "../contract/http/accept-language.js";
import { Disconnected } from "../contract/http/body.js";
import type { RequestScope } from "../contract/http/request-context.js";
import type { Upload } from "../contract/streams/upload.js";
import { ResponseHeaders } from "../contract/http/response-headers.js";
import type { Database } from "../platform/database/database.js";

/** A User-Agent is cut to this many characters. */
const mostUserAgent = 512;

export class RequestSource implements CallSource {
  constructor(
    private readonly ctx: RequestScope,
    readonly log: Logger,
    readonly database: Database,
    /** Whether a page of another origin may have sent a request. */
    private readonly isCrossSite: (request: Pick<IncomingMessage, "headers" | "method">) => boolean,
    /** Authenticates the caller again. */
    readonly requireLive: () => unknown,
    readonly upload?: Upload,
  ) {}

  get requestId(): string {
    return this.ctx.state.context.id;
  }

  client(): Client {
    const { ctx } = this;
    return {
      address: ctx.ip,
      userAgent: (ctx.req.headers["user-agent"] ?? "").slice(0, mostUserAgent),
      isCrossSite: this.isCrossSite(ctx.req),
      get language() {
        const language = preferredLanguage(ctx.req.headers["accept-language"], languages);
        new ResponseHeaders(ctx.state.context).setLanguage(language);
        return language;
      },
    };
  }

  signal(): AbortSignal {
    return closingOf(this.ctx.req.socket);
  }

  headers(): ResponseHeaders {
    return new ResponseHeaders(this.ctx.state.context);
  }
}

/** For each connection the signal that it has closed. The requests of one connection share it: they end together. */
const closings = new WeakMap<Socket, AbortSignal>();

function closingOf(socket: Socket): AbortSignal {
  const known = closings.get(socket);
  if (known) return known;
  const closing = new AbortController();
  const close = (): void => closing.abort(new Disconnected("The client has closed the connection"));
  setMaxListeners(0, closing.signal);
  closings.set(socket, closing.signal);
  if (socket.destroyed) close();
  else socket.once("close", close);
  return closing.signal;
}
