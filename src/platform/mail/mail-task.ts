// The delivery of a mail as a job: its text has links that work once, so that it is encrypted while it waits.
import type { Queries } from "../database/database.js";
import { addJobs } from "../jobs/add-job.js";
import { NeverRetry, type Task } from "../jobs/job.js";
import { decryptBytes, encryptBytes } from "../secrets/authenticated-encryption.js";
import type { Mail } from "./mailer.js";

const name = "mail";
/** Over a day and an hour. */
const maxAttempts = 36;
const bulkPriority = 10;
const atOnce = 2;

/** A mail that was not delivered. A mail server's own sentence often quotes the address: only its codes are kept. */
class MailFailed extends Error {
  override readonly name = "MailFailed";
  readonly code: string;

  constructor({ code, responseCode, command }: Record<string, unknown>) {
    super("A mail was not delivered");
    const verb = String(command ?? "").split(" ", 1)[0];
    this.code = [code, responseCode, verb].filter((part) => part !== undefined && part !== "").join(" ");
  }
}

/** Adds mails as jobs, encrypted with a key of 32 bytes. */
export async function addMails(
  queries: Queries,
  key: Uint8Array,
  mails: readonly Mail[],
  isBulk: boolean,
): Promise<void> {
  const jobs = mails.map((mail) => ({
    task: name,
    payload: { mail: encryptBytes(key, Buffer.from(JSON.stringify(mail))).toString("base64") },
    maxAttempts,
    ...(isBulk && { priority: bulkPriority }),
  }));
  if (jobs.length > 0) await addJobs(queries, jobs);
}

/** The task that delivers mails. One that is refused for good (RFC 5321, 5yz), or was encrypted with another key, is not tried again. */
export function mailTask(key: Uint8Array, deliver: (mail: Mail) => Promise<void>): Task {
  return {
    name,
    atOnce,
    async run(payload) {
      const text = decryptBytes(key, Buffer.from(String((payload as { mail?: unknown }).mail), "base64"));
      if (!text) throw new NeverRetry({ cause: new MailFailed({ code: "UNREADABLE" }) });
      try {
        await deliver(JSON.parse(text.toString()) as Mail);
      } catch (error) {
        const cause = new MailFailed(error as Record<string, unknown>);
        const { responseCode } = error as { responseCode?: unknown };
        throw typeof responseCode === "number" && responseCode >= 500 ? new NeverRetry({ cause }) : cause;
      }
    },
  };
}
