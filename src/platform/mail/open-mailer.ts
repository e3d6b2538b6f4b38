// Chooses where mail goes: to a mail server, into a folder in development, or nowhere.
import { join } from "node:path";
import type { Logger } from "pino";
import { mailFolder } from "./mail-folder.js";
import { mailQueue, type MailQueueOptions } from "./mail-queue.js";
import type { Mail, Mailer } from "./mailer.js";
import { smtp } from "./smtp.js";

export interface MailSettings {
  readonly environment: "development" | "production" | "test";
  /** Mail of a server that is not in production, without a mail server, is written into its folder `mail`. */
  readonly dataDir: string;
  /** Undefined: without a mail server. */
  readonly smtpUrl: string | undefined;
  /** There is one where there is a mail server. */
  readonly mailFrom: Mail["to"] | undefined;
}

export interface OpenedMailer extends Mailer {
  /** Ends sending: mail that cannot be sent in a moment is lost, and counted in the log. */
  close(): Promise<void>;
}

/** Opens the mailer. */
export function openMailer(
  settings: MailSettings,
  log: Logger,
  options: Pick<MailQueueOptions, "retryMs" | "longest" | "endMs"> & { readonly stepMs?: number } = {},
): OpenedMailer {
  const { environment, dataDir, smtpUrl, mailFrom } = settings;
  const { stepMs, ...queueOptions } = options;
  if (smtpUrl !== undefined) {
    const server = smtp({ url: smtpUrl, from: mailFrom!, ...(stepMs !== undefined && { stepMs }) });
    const queue = mailQueue({ ...queueOptions, deliver: server.deliver, log });
    return {
      isOn: true,
      get waiting() {
        return queue.waiting;
      },
      send: queue.add,
      async close() {
        await queue.close();
        server.close();
      },
    };
  }
  if (environment !== "production") {
    const folder = join(dataDir, "mail");
    const queue = mailQueue({ ...queueOptions, deliver: mailFolder(folder), log, atOnce: 1 });
    log.info({ folder }, "SMTP_URL is not set: mail is written into a folder");
    return {
      isOn: true,
      get waiting() {
        return queue.waiting;
      },
      send: queue.add,
      close: queue.close,
    };
  }
  log.info("SMTP_URL is not set: mail is off");
  return {
    isOn: false,
    waiting: 0,
    send: () => log.warn("a mail is not sent: mail is off"),
    close: async () => {},
  };
}
