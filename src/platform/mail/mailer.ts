// Mail: one plain text to one person.

export interface Mail {
  /** The address has been checked; the name is shown beside it. */
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Whether mail leaves this server. Where it does not, the operator hands links over. */
  readonly isOn: boolean;
  /** Sends a mail, in the background: what fails is tried again, then logged without its text. */
  send(mail: Mail): void;
}
