// The mail of a process without a mail server, which tests read.
import { setTimeout as delay } from "node:timers/promises";
import type { Queries } from "../../../src/platform/database/database.js";
import { statement } from "../../../src/platform/database/statement.js";
import type { Mail, Mailer } from "../../../src/platform/mail/mailer.js";

interface Sent {
  readonly mail: Mail;
  /** The transaction that has sent it. */
  readonly transaction: string;
}

const transactionId = statement<{ id: string }>(
  "pool",
  "test-transaction-id",
  "select pg_current_xact_id()::text as id",
);
const transactionState = statement<{ state: string }>(
  "pool",
  "test-transaction-state",
  "select pg_xact_status($1::xid8) as state",
);

export class Mailbox implements Mailer {
  isOn = true;
  /** All mail, the oldest first. */
  readonly mails: Mail[] = [];
  readonly #unread: Sent[] = [];
  readonly #arrivals = new Set<() => void>();

  constructor(private readonly database: Queries) {}

  readonly send = async (queries: Queries, mails: readonly Mail[]): Promise<void> => {
    const { id } = (await queries.one(transactionId, []))!;
    this.mails.push(...mails);
    this.#unread.push(...mails.map((mail) => ({ mail, transaction: id })));
    for (const arrival of this.#arrivals) arrival();
    this.#arrivals.clear();
  };

  /**
   * Takes the oldest mail to an address that has a part in its subject or text and was not taken; waits for it, and until the
   * transaction that sent it is committed, since a server sends a mail after that. One that is rolled back has sent nothing.
   */
  async take(address: string, part: string): Promise<Mail> {
    for (;;) {
      const at = this.#unread.findIndex(
        ({ mail: { to, subject, text } }) => to.address === address && `${subject}\n${text}`.includes(part),
      );
      if (at < 0) await new Promise<void>((arrived) => this.#arrivals.add(arrived));
      else {
        const { mail, transaction } = this.#unread.splice(at, 1)[0]!;
        if (await this.#isCommitted(transaction)) return mail;
      }
    }
  }

  /** The token of the link to a page in the oldest mail to an address that was not taken; waits for it. */
  async token(address: string, page: string): Promise<string> {
    const { text } = await this.take(address, `/${page}#token=`);
    return /#token=([\w-]+)/.exec(text)![1]!;
  }

  async #isCommitted(transaction: string): Promise<boolean> {
    for (;;) {
      const { state } = (await this.database.one(transactionState, [transaction]))!;
      if (state !== "in progress") return state === "committed";
      await delay(2);
    }
  }
}
