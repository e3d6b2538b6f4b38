// Mail: one plain text to one person.
import type { Queries } from "../database/database.js";

export interface Mail {
  /** The address has been checked; the name is shown beside it. */
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Whether mail can be read by those it is for. Where it cannot, the operator hands links over. */
  readonly isOn: boolean;
  /**
   * Sends mails once the transaction of `queries` is committed: each is a job of it (platform/jobs/), encrypted, which any process
   * delivers, and tries again for a day. Mails to many at once, `bulk`, are sent after those that somebody waits for.
   */
  send(queries: Queries, mails: readonly Mail[], options?: { readonly isBulk?: boolean }): Promise<void>;
}
