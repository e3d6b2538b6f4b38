// The call: what a handler receives in addition to its request, such as the caller, the database and a log. It has no HTTP
// request, media type or bytes.
import type { Logger } from "pino";
import type { Content } from "./contract/streams/content-stream.js";
import { Precondition } from "./contract/http/preconditions.js";
import { ResponseHeaders } from "./contract/http/response-headers.js";
import type { Upload } from "./contract/streams/upload.js";
import type { HttpBody } from "./gen/google/api/httpbody.js";
import type { Scope } from "./gen/lyceum/v1/scope.js";
import type { Role } from "./gen/lyceum/v1/user.js";
import type { Database } from "./platform/database/database.js";

/** How a caller has shown who they are: an access token in Authorization or in a cookie, an API key, or not at all. */
export type Means = "none" | "bearer" | "cookie" | "api_key";

/** The user who makes a call; `anonymous` on public methods. */
export interface Caller {
  /** The user's id; 0 for `anonymous`. */
  readonly id: number;
  readonly role: Role;
  /** The session that the access token belongs to; empty for `anonymous`, and by API key. */
  readonly sessionId: string;
  readonly means: Means;
  /** Of a caller by API key: its id, and what it may be used for. The id and the role are those of its owner. */
  readonly apiKeyId?: number;
  readonly scopes?: readonly Scope[];
  /** Whether they can do nothing before they have set up a second factor; absent for no. */
  readonly mustEnrol?: boolean;
}

/** The caller of every public method. */
export const anonymous: Caller = Object.freeze({ id: 0, role: "ROLE_STUDENT", sessionId: "", means: "none" });

/** The languages that the server writes sentences for people in. */
export const languages = ["en", "ru"] as const;
export type Language = (typeof languages)[number];

/** The client that sent the request. */
export interface Client {
  /** The network address, as reported by the trusted proxies (TRUST_PROXY). */
  readonly address: string;
  /** The User-Agent header, cut to 512 characters; empty when there is none. */
  readonly userAgent: string;
  /** Whether a page of another origin may have sent the request; false when absent. */
  readonly isCrossSite?: boolean;
  /** What its user reads, by Accept-Language. The answer to a request whose handler has asked for it says so: Content-Language, Vary. */
  readonly language: Language;
}

/** One call of one method. */
export interface Call {
  readonly user: Caller;
  readonly database: Database;
  /** Adds the request id to each line. */
  readonly log: Logger;
  /** The time at which the handler was called. */
  readonly now: Date;
  /** What may be changed. Only a method with `if_match` has to evaluate it, in the same statement or under the same lock. */
  readonly precondition: Precondition;
  /** The id of the request in the answer, the log and a Problem. */
  readonly requestId: string;
  readonly client: Client;
  /**
   * Aborted when the client has closed its connection. Work whose result nobody would see may be left out: rejecting with the
   * reason ends the request without an answer.
   */
  readonly signal: AbortSignal;
  /** Throws, or rejects, when the caller may not call any more, since their session or key has ended: for what takes long. */
  readonly requireLive: () => unknown;
  /** Adds headers and cookies to the answer. */
  readonly headers: Pick<ResponseHeaders, "add" | "setCookie">;
  /** The body of a method that takes one of any media type. Of another method it throws. */
  readonly upload: Upload;
}

/** The data that all calls of a process share, and functions that read the rest from the request on first use. */
export interface CallSource {
  readonly log: Logger;
  readonly database: Database;
  readonly requestId: string;
  client(): Client;
  signal(): AbortSignal;
  headers(): ResponseHeaders;
  requireLive(): unknown;
  readonly upload?: Upload | undefined;
}

/** The call of a request. Parts that most calls do not use are created on first use. */
export class RequestCall implements Call {
  readonly now = new Date();
  #log: Logger | undefined;
  #database: Database | undefined;

  constructor(
    readonly user: Caller,
    readonly precondition: Precondition,
    private readonly source: CallSource,
  ) {}

  get requestId(): string {
    return this.source.requestId;
  }

  get log(): Logger {
    return (this.#log ??= this.source.log.child({ request_id: this.requestId }));
  }

  get database(): Database {
    return (this.#database ??= this.source.database.with(
      this.log,
      this.user.id === anonymous.id ? this.client.address : this.user.id,
    ));
  }

  get client(): Client {
    return this.source.client();
  }

  get signal(): AbortSignal {
    return this.source.signal();
  }

  readonly requireLive = (): unknown => this.source.requireLive();

  get headers(): ResponseHeaders {
    return this.source.headers();
  }

  get upload(): Upload {
    if (!this.source.upload) throw new Error("The method has no body that its handler reads");
    return this.source.upload;
  }
}

/** A call without an HTTP request, for the demo school and for tests. */
export function callWithoutRequest(
  user: Caller,
  shared: { readonly log: Logger; readonly database: Database; readonly upload?: Upload },
  precondition = Precondition.none,
): Call {
  return new RequestCall(user, precondition, {
    ...shared,
    requestId: "none",
    client: () => ({ address: "", userAgent: "", language: languages[0] }),
    signal: () => new AbortController().signal,
    headers: () => new ResponseHeaders({ headers: [], vary: "" }),
    requireLive: () => undefined,
  });
}

/** What a handler answers: bytes of a declared media type, or a content that is read while it is sent, where the contract has HttpBody. */
type AnswerOf<Answer> =
  Answer extends AsyncIterable<unknown>
    ? Promise<Answer>
    : Answer extends Promise<HttpBody>
      ? Promise<HttpBody | Content>
      : Answer;

/**
 * The handlers of a service: one function for each of its methods, from request to response. The handler of a stream returns a
 * promise of it, so that an error of the request is thrown before the stream begins.
 */
export type Handlers<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (request: infer Request) => infer Answer
    ? (request: Request, call: Call) => AnswerOf<Answer>
    : never;
};
