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
  /** Changes the database before the load. */
  readonly prepare?: (site: Site) => Promise<unknown>;
  /** Changes the record of the harness before the audit. */
  readonly falsify?: (ledger: Ledger) => void;
}

export const controls: readonly Control[] = [
  {
    name: "record",
    kind: "terminate",
    finds: "lost: ",
    // The record has a message that was never acknowledged.
    falsify: ({ sent }) => void sent.set("never sent", { chatId: 1, senderId: 1, id: 1, seq: 1 }),
  },
  {
    name: "lost",
    kind: "kill-postgres",
    finds: "lost: ",
    // Commits are acknowledged before they are written.
    prepare: async (site) => {
      await site.query("alter system set synchronous_commit = off");
      await site.query("alter system set wal_writer_delay = '10s'");
      await site.query("select pg_reload_conf()");
    },
  },
  {
    name: "doubled",
    kind: "terminate",
    finds: "doubled: ",
    // A send forgets its client_message_id.
    mutation: {
      file: "chats/messages/store",
      find: "select $1, $2, $3, $4, $5, $6::bytea, last_seq",
      replace: "select $1, $2, $3, nullif($4, $4), $5, $6::bytea, last_seq",
    },
  },
];
