// The key of a development server: created on the first start, in a file that only its owner can read.
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../folders.js";
import { OperatorError, fileTrouble } from "../operator-error.js";
import { randomToken } from "./random-token.js";

/**
 * The key in `directory`, which is created when there is none. Two processes that start at once get the same. Fails with an
 * OperatorError when the folder cannot be used, or when the file contains no key.
 */
export function keptSecret(directory: string): string {
  const file = join(directory, "secret-key");
  let key: string;
  try {
    makeFolder(directory, 0o700);
    if (!existsSync(file)) createFile(file, randomToken());
    key = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw fileTrouble(error, directory) ?? error;
  }
  if (Buffer.byteLength(key) >= 32) return key;
  throw new OperatorError(`${file} contains no key: remove it, and a new one is created, which ends all sessions.`);
}

/** Creates a file atomically, unless there is one. */
function createFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    linkSync(temporary, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}
