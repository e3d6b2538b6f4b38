// The mail that the server under test sends, as cases read it. A folder with a file for each mail: lines `To: Name <address>` and
// `Subject: ...`, an empty line, and the text. A file that begins with a dot is not complete.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A mail, by the name of its file. */
export interface ReceivedMail {
  readonly file: string;
  readonly to: string;
  /** The subject, a line break, and the text. */
  readonly text: string;
}

const pollMs = 20;

export class Mailbox {
  private readonly mails = new Map<string, ReceivedMail>();

  constructor(private readonly folder: string) {}

  /** The oldest mail to an address that matches and is not among the files that were read; undefined after `patienceMs`. */
  async find(
    to: string,
    matching: RegExp,
    read: ReadonlySet<string>,
    patienceMs = 10_000,
  ): Promise<ReceivedMail | undefined> {
    const began = performance.now();
    for (;;) {
      await this.readNew();
      const found = [...this.mails.values()]
        .filter((mail) => mail.to === to && !read.has(mail.file) && matching.test(mail.text))
        .sort((one, other) => (one.file < other.file ? -1 : 1))[0];
      if (found || performance.now() - began > patienceMs) return found;
      await pause(pollMs);
    }
  }

  private async readNew(): Promise<void> {
    // The folder is made with the first mail.
    const files = await readdir(this.folder).catch(() => []);
    for (const file of files.filter((each) => !each.startsWith(".") && !this.mails.has(each))) {
      const mail = await readFile(join(this.folder, file), "utf8");
      const to = /^To: .*<([^<>\n]*)>$/m.exec(mail)?.[1] ?? "";
      this.mails.set(file, { file, to, text: /^Subject: ([^]*)$/m.exec(mail)?.[1] ?? "" });
    }
  }
}
