// The mail of a process without a mail server, which tests read.
import type { Mail, Mailer } from "../../../src/platform/mail/mailer.js";

export class Mailbox implements Mailer {
  isOn = true;
  /** All mail, the oldest first. */
  readonly mails: Mail[] = [];
  readonly #unread: Mail[] = [];
  readonly #arrivals = new Set<() => void>();

  readonly send = async (_queries: unknown, mails: readonly Mail[]): Promise<void> => {
    this.mails.push(...mails);
    this.#unread.push(...mails);
    for (const arrival of this.#arrivals) arrival();
    this.#arrivals.clear();
  };

  /** Takes the oldest mail to an address that has a part in its subject or text and was not taken; waits for it. */
  async take(address: string, part: string): Promise<Mail> {
    for (;;) {
      const at = this.#unread.findIndex(
        ({ to, subject, text }) => to.address === address && `${subject}\n${text}`.includes(part),
      );
      if (at >= 0) return this.#unread.splice(at, 1)[0]!;
      await new Promise<void>((arrived) => this.#arrivals.add(arrived));
    }
  }

  /** The token of the link to a page in the oldest mail to an address that was not taken; waits for it. */
  async token(address: string, page: string): Promise<string> {
    const { text } = await this.take(address, `/${page}#token=`);
    return /#token=([\w-]+)/.exec(text)![1]!;
  }
}
