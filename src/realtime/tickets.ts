// Tickets: a page in a browser cannot send a header with the request for a web socket, and a token in an address would be a secret that works on.
import { anonymous, type Caller } from "../call.js";
import type { RealtimeTicket } from "../gen/lyceum/v1/realtime.js";
import type { Queries } from "../platform/database/database.js";
import { hashToken, randomToken } from "../platform/secrets/random-token.js";
import { insertTicket, takeTicket } from "./tickets-store.js";

const seconds = 30;

/** Makes a ticket for a caller with a session. */
export async function makeTicket(queries: Queries, { id, sessionId, role }: Caller): Promise<RealtimeTicket> {
  const ticket = randomToken();
  const holder = { user_id: id, session_id: sessionId, role };
  return { ticket, expires_at: await insertTicket(queries, hashToken(ticket)!, holder, seconds) };
}

/** The caller of a ticket, which works once; undefined for one that is not valid. Whether the session has ended is for the caller of this to ask. */
export async function callerOfTicket(queries: Queries, ticket: string): Promise<Caller | undefined> {
  const hash = hashToken(ticket);
  const holder = hash && (await takeTicket(queries, hash));
  if (!holder) return undefined;
  return Object.freeze({
    ...anonymous,
    id: holder.user_id,
    role: holder.role,
    sessionId: holder.session_id,
    means: "bearer",
  });
}
