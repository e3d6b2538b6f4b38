// The spelling of a password: the same on every keyboard.
import { truncates } from "bcryptjs";

/** As the contract has it: min_len of new passwords. */
export const fewestCharacters = 8;

/**
 * A password as it is hashed: NFKC, in which each space is U+0020 (NIST SP 800-63B). As it was typed where that would be longer than
 * bcrypt reads: a few letters stand for whole phrases there.
 */
export function spellingOf(password: string): string {
  return shortOr(password, password.normalize("NFKC").replaceAll(/\p{Zs}/gu, " "));
}

/**
 * The spellings to compare with a hash, the one of today first: then those that an older hash was made of, which are NFC, and as it was
 * typed.
 */
export function spellingsOf(password: string): string[] {
  const before = shortOr(password, password.replaceAll(/\p{Zs}/gu, " ").normalize("NFC"));
  return [...new Set([spellingOf(password), before, password])];
}

function shortOr(password: string, spelled: string): string {
  return truncates(spelled) ? password : spelled;
}
