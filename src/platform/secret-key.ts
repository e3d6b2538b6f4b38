// The key of a development server: made on the first start, kept where only its owner can read it.
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./folders.js";
import { OperatorError, fileTrouble } from "./operator-error.js";

/** A new key: 32 random bytes in base64url. */
export function generateSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * The key kept in `directory`, made when there is none. Two that start at once agree on one. Fails with an OperatorError
 * when the folder cannot be used, or what is kept there is no key.
 */
export function keptSecret(directory: string): string {
  const file = join(directory, "secret-key");
  let key: string;
  try {
    makeFolder(directory, 0o700);
    if (!existsSync(file)) writeWhole(file, generateSecret());
    key = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw fileTrouble(error, directory) ?? error;
  }
  if (Buffer.byteLength(key) >= 32) return key;
  throw new OperatorError(`${file} holds no key: remove it and a new one is made, which ends all sessions.`);
}

/** All of the file or none of it, whoever looks and whenever we die; the first of several stays. */
function writeWhole(file: string, text: string): void {
  const half = `${file}.${process.pid}`;
  try {
    writeFileSync(half, text, { mode: 0o600 });
    linkSync(half, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(half, { force: true });
  }
}
