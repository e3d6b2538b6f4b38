// The queue of mail: bounded, with a few tries for each, so that nobody who causes a mail waits for a mail server.
import type { Logger } from "pino";
import type { Mail } from "./mailer.js";

export interface MailQueueOptions {
  /** Delivers a mail, or rejects. */
  deliver(mail: Mail): Promise<void>;
  readonly log: Logger;
  /** How many mails may wait, together with those that are tried again. 1,000 when absent. */
  readonly longest?: number;
  /** How many are delivered at the same time. 2 when absent. */
  readonly atOnce?: number;
  /** The waits before each further try, in milliseconds. 5 s, 1 min and 5 min when absent. */
  readonly retryMs?: readonly number[];
  /** How long the end waits for mail under way, in milliseconds. 1,000 when absent. */
  readonly endMs?: number;
}

export interface MailQueue {
  /** How many wait, together with those that are tried again. */
  readonly waiting: number;
  /** Adds a mail. When the queue is full, the mail is not sent, and a line of the log says so. */
  add(mail: Mail): void;
  /** Delivers what can be delivered in a moment, and logs how many mails are lost. */
  close(): Promise<void>;
}

/** Opens a queue. */
export function mailQueue({ deliver, log, ...options }: MailQueueOptions): MailQueue {
  const { longest = 1_000, atOnce = 2, retryMs = [5_000, 60_000, 300_000], endMs = 1_000 } = options;
  const waiting: { readonly mail: Mail; readonly tries: number }[] = [];
  const later = new Set<NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  let isClosing = false;

  function startNext(): void {
    while (underWay.size < atOnce && waiting.length > 0) {
      const { mail, tries } = waiting.shift()!;
      const work = attempt(mail, tries).finally(() => {
        underWay.delete(work);
        startNext();
      });
      underWay.add(work);
    }
  }

  async function attempt(mail: Mail, tries: number): Promise<void> {
    try {
      await deliver(mail);
    } catch (error) {
      const wait = isFinal(error) || isClosing ? undefined : retryMs[tries];
      log.warn(
        { ...described(error), try: tries + 1 },
        wait === undefined ? "a mail could not be sent" : "a mail could not be sent; it is tried again",
      );
      if (wait === undefined) return;
      const timer = setTimeout(() => {
        later.delete(timer);
        waiting.push({ mail, tries: tries + 1 });
        startNext();
      }, wait).unref();
      later.add(timer);
    }
  }

  return {
    get waiting() {
      return waiting.length + later.size;
    },
    add(mail) {
      if (isClosing || waiting.length + later.size >= longest) {
        log.error({ waiting: waiting.length + later.size }, "a mail is not sent: too many are waiting");
        return;
      }
      waiting.push({ mail, tries: 0 });
      startNext();
    },
    async close() {
      isClosing = true;
      const ended = AbortSignal.timeout(endMs);
      const isOver = new Promise<void>((resolve) => ended.addEventListener("abort", () => resolve()));
      while (underWay.size > 0 && !ended.aborted) await Promise.race([Promise.all(underWay), isOver]);
      for (const timer of later) clearTimeout(timer);
      const lost = waiting.splice(0).length + later.size + underWay.size;
      if (lost > 0) log.error({ lost }, "mail that was not sent is lost");
    },
  };
}

/** Whether another try would end the same: the mail server refused the mail for good (RFC 5321, 5yz). */
function isFinal(error: unknown): boolean {
  const { responseCode } = error as { responseCode?: unknown };
  return typeof responseCode === "number" && responseCode >= 500;
}

/** What a log may have of a failure: a mail server's own sentence often quotes the address. */
function described(error: unknown): object {
  const { code, responseCode, command } = error as Record<string, unknown>;
  return { code, response_code: responseCode, command: String(command ?? "").split(" ", 1)[0] || undefined };
}
