// Chooses where mail goes: to a mail server, into a folder in development, or nowhere.
import { join } from "node:path";
import type { Logger } from "pino";
import { mailFolder } from "./mail-folder.js";
import type { Task } from "../jobs/job.js";
import { addMails, mailTask } from "./mail-task.js";
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
  /** Delivers the mails. */
  readonly task: Task;
  close(): void;
}

/** Opens the mailer. `key` encrypts mails that wait; `stepMs` is how long a mail server may take for each step, 10,000 when absent. */
export function openMailer(
  settings: MailSettings,
  key: Uint8Array,
  log: Logger,
  { stepMs }: { readonly stepMs?: number } = {},
): OpenedMailer {
  const { environment, dataDir, smtpUrl, mailFrom } = settings;
  const send: Mailer["send"] = (queries, mails, { isBulk = false } = {}) => addMails(queries, key, mails, isBulk);
  if (smtpUrl !== undefined) {
    const server = smtp({ url: smtpUrl, from: mailFrom!, ...(stepMs !== undefined && { stepMs }) });
    return { isOn: true, send, task: mailTask(key, server.deliver), close: server.close };
  }
  if (environment !== "production") {
    const folder = join(dataDir, "mail");
    log.info({ folder }, "SMTP_URL is not set: mail is written into a folder");
    return { isOn: true, send, task: mailTask(key, mailFolder(folder)), close: () => {} };
  }
  log.info("SMTP_URL is not set: mail is off");
  return {
    isOn: false,
    send: async () => log.warn("a mail is not sent: mail is off"),
    // What waits since mail was on is tried for a day: it may be on again by then.
    task: mailTask(key, () => Promise.reject(Object.assign(new Error("mail is off"), { code: "MAIL_OFF" }))),
    close: () => {},
  };
}
