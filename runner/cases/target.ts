// The target of a run: the servers under test, and the accounts that exist on them.
import type { Enrolment } from "./case.js";
import type { Mailbox } from "./mailbox.js";
import type { Client } from "../client/client.js";
import type { Plain } from "../client/encoding.js";
import type { Openings } from "../client/socket/openings.js";
import type { SocketNames } from "../client/socket/socket-names.js";

export interface Target {
  /** A client of the server of that name ("" is the usual one); undefined when the target has no such server. */
  client(server: string): Promise<Client | undefined>;
  readonly enrolment: Enrolment;
  /** Actors with an existing account, by name: the variables that the steps of `logIn` need. */
  readonly accounts: Readonly<Record<string, Plain>>;
  /** Whether the server exists for this run alone, so that it holds no data of others. */
  readonly isThrowaway: boolean;
  /** The mail that the usual server sends; cases that read mail are skipped without it. */
  readonly mailbox?: Mailbox | undefined;
  /** Its web sockets; absent where there are none. */
  readonly socket?: SocketNames | undefined;
  /** Opens them for all actors; when absent, each set of actors has its own. */
  readonly openings?: Openings | undefined;
  /** Called for each result that came over a socket. */
  onSocketCall?(): void;
  /** Receives the progress of a long check, in one line. */
  progress?(line: string): void;
  /** Receives each secret that a report must not contain. */
  addSecret?(secret: string): void;
}
