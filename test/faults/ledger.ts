// What the clients have seen: each attempt of the current fault, and all that was acknowledged since the start. The audit
// compares the latter with the database.

/** One request, as its client saw it. */
export interface Attempt {
  /** The server that was asked: 0 or 1. */
  readonly server: number;
  /** By performance.now(). */
  readonly begunAt: number;
  readonly ms: number;
  /** `cut` when the connection broke before the answer, `unreachable` when no connection was made. */
  readonly status: number | "cut" | "unreachable";
  /** Whether the answer is one that the contract promises here: a success, or a refusal that a retry earned. */
  readonly isGood: boolean;
}

export interface Acknowledged {
  readonly chatId: number;
  readonly senderId: number;
  readonly id: number;
  readonly seq: number;
}

export class Ledger {
  attempts: Attempt[] = [];
  /** Messages that were answered with 201, by the text and client_message_id that they were sent with. */
  readonly sent = new Map<string, Acknowledged>();
  /** The texts that were ever sent, acknowledged or not. */
  readonly tried = new Set<string>();
  /** The files that messages were sent with, by the text; at most one for each. */
  readonly files = new Map<string, number>();
  /** The ids of messages whose deletion was acknowledged. */
  readonly deleted = new Set<number>();
  /** The last_read_seq that was acknowledged, by chat and user. */
  readonly read = new Map<string, number>();
  /** Repeated sends whose answer was another message than the first. */
  readonly otherReplays: string[] = [];

  /** Records the answer to a send; a repeated one must be the same message. */
  acknowledge(text: string, message: Acknowledged): void {
    const first = this.sent.get(text);
    if (!first) this.sent.set(text, message);
    else if (first.id !== message.id || first.seq !== message.seq) this.otherReplays.push(text);
  }

  /** The attempts since the last call. */
  takeAttempts(): Attempt[] {
    const attempts = this.attempts;
    this.attempts = [];
    return attempts;
  }
}
