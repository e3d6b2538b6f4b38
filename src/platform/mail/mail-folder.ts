// Mail in development: a file for each, which a person or a test reads.
import { randomBytes } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../folders.js";
import type { Mail } from "./mailer.js";

/**
 * What writes a mail into a folder, which is made with the first: `To:` and `Subject:`, an empty line, and the text. The names of the
 * files are in the order of the mails, and a file is complete when it is there without a dot before its name.
 */
export function mailFolder(folder: string): (mail: Mail) => Promise<void> {
  let written = 0;
  return async ({ to, subject, text }) => {
    const number = String((written = (written + 1) % 1e6)).padStart(6, "0");
    const name = `${new Date().toISOString().replaceAll(/[:.]/g, "-")}-${number}-${randomBytes(4).toString("hex")}`;
    const head = [`To: ${oneLine(to.name)} <${oneLine(to.address)}>`, `Subject: ${oneLine(subject)}`];
    makeFolder(folder, 0o700);
    const partial = join(folder, `.${name}`);
    await writeFile(partial, `${head.join("\n")}\n\n${text}\n`, { mode: 0o600, flag: "wx" });
    await rename(partial, join(folder, `${name}.txt`));
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
