// What a call takes from its HTTP request, read on first use: most calls use none of it.
import type { Logger } from "pino";
import type { CallSource, Client } from "../call.js";
import type { KoaContext } from "../contract/http/request-context.js";
import { ResponseHeaders } from "../contract/http/response-headers.js";
import type { Database } from "../platform/database/database.js";

/** A User-Agent is cut to this many characters. */
const mostUserAgent = 512;

export class RequestSource implements CallSource {
  constructor(
    private readonly ctx: KoaContext,
    readonly log: Logger,
    readonly database: Database,
  ) {}

  get requestId(): string {
    return this.ctx.state.context.id;
  }

  client(): Client {
    const { ctx } = this;
    return { address: ctx.ip, userAgent: (ctx.req.headers["user-agent"] ?? "").slice(0, mostUserAgent) };
  }

  headers(): ResponseHeaders {
    return new ResponseHeaders(this.ctx.state.context);
  }
}
