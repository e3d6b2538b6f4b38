// Mail: one plain text to one person.

export interface Mail {
  /** The address has been checked; the name is shown beside it. */
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Whether mail can be read by those it is for. Where it cannot, the operator hands links over. */
  readonly isOn: boolean;
  /** How many mails wait to be sent, or to be tried again. Whoever sends many adds no more than leave. */
  readonly waiting: number;
  /**
   * Sends a mail, in the background: what fails is tried again, then logged without its address and its text. The queue is of this
   * process: mail that is not sent when the process ends is lost.
   */
  send(mail: Mail): void;
}
