// Mail in development: a file for each, which a person or a test reads.
import { randomBytes } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../folders.js";
import { fileTrouble } from "../operator-error.js";
import type { Mail } from "./mailer.js";

/**
 * Makes a folder for mail, and returns what writes a mail into it: `To:` and `Subject:`, an empty line, and the text. The names of the
 * files are in the order of the mails, and a file is complete when it is there. Throws an OperatorError when the folder cannot be used.
 */
export function mailFolder(folder: string): (mail: Mail) => Promise<void> {
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    throw fileTrouble(error, folder) ?? error;
  }
  let written = 0;
  return async ({ to, subject, text }) => {
    const number = String((written = (written + 1) % 1e6)).padStart(6, "0");
    const name = `${new Date().toISOString().replaceAll(/[:.]/g, "-")}-${number}-${randomBytes(4).toString("hex")}`;
    const head = [`To: ${oneLine(to.name)} <${oneLine(to.address)}>`, `Subject: ${oneLine(subject)}`];
    const partial = join(folder, `.${name}`);
    await writeFile(partial, `${head.join("\n")}\n\n${text}\n`, { mode: 0o600, flag: "wx" });
    await rename(partial, join(folder, `${name}.txt`));
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
