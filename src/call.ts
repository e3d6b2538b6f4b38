// The second argument of every handler: the caller, the database, the log. Never HTTP, a media type or bytes.
import type { Logger } from "pino";
import type { Role } from "./gen/lyceum/v1/user.js";
import type { Database } from "./platform/database/database.js";

/** The user who makes a call; `anonymous` on public methods. */
export interface Caller {
  /** The user's id; 0 for `anonymous`. */
  readonly id: number;
  readonly role: Role;
  /** The session that the access token belongs to; empty for `anonymous`. */
  readonly sessionId: string;
}

/** The caller of every public method. */
export const anonymous: Caller = Object.freeze({ id: 0, role: "ROLE_STUDENT", sessionId: "" });

/** One call of one method. */
export interface Call {
  readonly user: Caller;
  readonly database: Database;
  /** Adds the request id to each line. */
  readonly log: Logger;
  /** The moment when the handler was called. */
  readonly now: Date;
  /** The versions that If-Match names, for `version = any(...)` in the SQL; undefined when any version is accepted. */
  readonly ifMatch: readonly number[] | undefined;
}

/** The call of a request. Its log and database are made on first use, since most calls write no line. */
export class RequestCall implements Call {
  readonly now = new Date();
  #log: Logger | undefined;
  #database: Database | undefined;

  constructor(
    readonly user: Caller,
    readonly ifMatch: readonly number[] | undefined,
    private readonly requestId: string,
    private readonly shared: { readonly log: Logger; readonly database: Database },
  ) {}

  get log(): Logger {
    return (this.#log ??= this.shared.log.child({ request_id: this.requestId }));
  }

  get database(): Database {
    return (this.#database ??= this.shared.database.with(this.log));
  }
}

/** The handlers of a service: one plain function for each of its methods, from request to response. */
export type Handlers<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (request: infer Request) => Promise<infer Response>
    ? (request: Request, call: Call) => Promise<Response>
    : never;
};
