// Controls: each breaks one promise on purpose, and the faults must find it. Otherwise they would prove nothing.
import type { Ledger } from "./ledger.js";
import type { Mutation, Site } from "./site.js";

export interface Control {
  readonly name: string;
  /** The kind of fault that is played, unless others are chosen. */
  readonly kind: string;
  /** The beginning of the sentence about the broken promise. */
  readonly finds: string;
  /** A fault in both servers. */
  readonly mutation?: Mutation;
  /** Changes the database before the first fault. */
  readonly prepare?: (site: Site) => Promise<unknown>;
  /** Changes the record of the harness before the audit. */
  readonly falsify?: (ledger: Ledger) => void;
}

export const controls: readonly Control[] = [
  {
    // The record has a message that was never acknowledged.
    name: "record",
    kind: "terminate",
    finds: "lost: ",
    falsify: ({ sent }) => void sent.set("never sent", { chatId: 1, senderId: 1, id: 1, seq: 1 }),
  },
  {
    // Postgres acknowledges commits before they are written.
    name: "lost",
    kind: "kill-postgres",
    finds: "lost: ",
    prepare: async (site) => {
      await site.query("alter system set synchronous_commit = off");
      await site.query("alter system set wal_writer_delay = '2s'");
      await site.query("select pg_reload_conf()");
    },
  },
  {
    // A send does not store its client_message_id.
    name: "doubled",
    kind: "terminate",
    finds: "doubled: ",
    mutation: {
      file: "chats/messages/store",
      find: "select $1, $2, $3, $4, $5, $6::bytea, last_seq",
      replace: "select $1, $2, $3, nullif($4, $4), $5, $6::bytea, last_seq",
    },
  },
  {
    // A send takes its files and does not show them.
    name: "files",
    kind: "terminate",
    finds: "wrong: file ",
    mutation: {
      file: "chats/messages/attachments-store",
      find: "from given where m.id = given.message_id",
      replace: "from given where false and m.id = given.message_id",
    },
  },
  {
    // A send takes two places.
    name: "seq",
    kind: "terminate",
    finds: "wrong: ",
    mutation: {
      file: "chats/messages/store",
      find: "set last_seq = s.last_seq + ",
      replace: "set last_seq = s.last_seq + 1 + ",
    },
  },
  {
    // A deletion does not change the number of messages.
    name: "count",
    kind: "terminate",
    finds: "wrong: ",
    mutation: {
      file: "chats/messages/deletion-store",
      find: "set message_count = s.message_count - 1 from deleted",
      replace: "set message_count = s.message_count from deleted",
    },
  },
  {
    // The member's own messages count as unread.
    name: "unread",
    kind: "terminate",
    finds: "wrong: ",
    mutation: {
      file: "chats/members/store",
      find: "and m.seq > v.last_read_seq and m.sender_id = ",
      replace: "and m.seq > v.last_read_seq and m.sender_id = -",
    },
  },
  {
    // A lane that has no connection says so after four seconds.
    name: "late-refusal",
    kind: "shutdown-fast",
    finds: "late refusal: ",
    mutation: {
      file: "platform/database/lane",
      find: 'Promise.reject(new ConnectionLost("the database is unavailable"))',
      replace:
        'new Promise((_, reject) => setTimeout(reject, 4_000, new ConnectionLost("the database is unavailable")))',
    },
  },
  {
    // The database is tried again after eight seconds.
    name: "late-success",
    kind: "shutdown-fast",
    finds: "late success: ",
    mutation: {
      file: "platform/database/database-monitor",
      find: "const RETRY_DELAY = 200",
      replace: "const RETRY_DELAY = 8_000",
    },
  },
  {
    // A lost connection to the database is an internal error.
    name: "status",
    kind: "terminate",
    finds: "other statuses: ",
    mutation: {
      file: "platform/database/database-errors",
      find: "if (error instanceof ConnectionLost)",
      replace: "if (false)",
    },
  },
  {
    // A lost connection to the database ends the process.
    name: "crash",
    kind: "terminate",
    finds: "a server ended with 9",
    mutation: {
      file: "platform/database/database-errors",
      find: "if (error instanceof ConnectionLost)",
      replace: "if (error instanceof ConnectionLost && process.exit(9))",
    },
  },
  {
    // The ended sessions are not loaded again after a reconnection.
    name: "ended-session",
    kind: "silent-loss",
    finds: "ended session: ",
    mutation: {
      file: "accounts/sessions/revocations",
      find: "await listRevoked(database, seconds)",
      replace: "[]",
    },
  },
  {
    // Whoever comes first to the queue for passwords is served first.
    name: "logins",
    kind: "guesses",
    finds: "logins: ",
    mutation: {
      file: "platform/fair-queue",
      find: "a.turn - b.turn",
      replace: "0",
    },
  },
  {
    // No account is known at an address.
    name: "known-logins",
    kind: "hang-ups",
    finds: "logins: ",
    mutation: {
      file: "accounts/passwords/passwords",
      find: "known.get(knownKey(client)) ?? false",
      replace: "false",
    },
  },
  {
    // A stop closes every connection.
    name: "stop",
    kind: "stop-server",
    finds: "stop: ",
    mutation: {
      file: "platform/http/connections",
      find: "await this.acceptLast();",
      replace: "this.server.closeAllConnections();",
    },
  },
  {
    // A refusal closes the connection, and is not sent.
    name: "no-answer",
    kind: "terminate",
    finds: "no answer: ",
    mutation: {
      file: "contract/problems",
      find: "const { context } = ctx.state;",
      replace: "const { context } = ctx.state; ctx.req.socket.destroy();",
    },
  },
  {
    // What is no request ends the process.
    name: "garbage",
    kind: "garbage",
    finds: "a server ended with ",
    mutation: {
      file: "platform/http/connection",
      find: "const isInBody = newest !== undefined",
      replace: "if (code) throw new Error(code);\n        const isInBody = newest !== undefined",
    },
  },
  {
    // One caller may take the whole pool.
    name: "greedy",
    kind: "searches",
    finds: "others: ",
    mutation: {
      file: "platform/database/pool",
      find: "Math.max(1, Math.min(PER_CALLER, size - 1))",
      replace: "size",
    },
  },
  {
    // Unread answers have no limit.
    name: "memory",
    kind: "unread-answers",
    finds: "memory: ",
    mutation: {
      file: "platform/http/connections",
      find: "const unreadBytes = 64 * 1024 * 1024",
      replace: "const unreadBytes = Infinity",
    },
  },
];
