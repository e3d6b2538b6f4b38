// The key of a development server: made on the first start, kept where only its owner can read it.
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./folders.js";

/** A new key: 32 random bytes in base64url. */
export function generateSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** The key kept in `directory`, made when there is none. Two that start at once agree on one. */
export function keptSecret(directory: string): string {
  const file = join(directory, "secret-key");
  makeFolder(directory, 0o700);
  try {
    writeFileSync(file, generateSecret(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8").trim();
}
