// The spelling of a password: the same on every keyboard.
import { truncates } from "bcryptjs";

/**
 * A password as it is hashed: NFC, and each space is U+0020 (OpaqueString of RFC 8265). As it was typed where that would be longer
 * than bcrypt reads.
 */
export function spellingOf(password: string): string {
  const spelled = password.replace(/\p{Zs}/gu, " ").normalize("NFC");
  return truncates(spelled) ? password : spelled;
}

/** The spellings to compare with a hash: that of today, and as it was typed, which an older hash was made of. */
export function spellingsOf(password: string): string[] {
  return [...new Set([spellingOf(password), password])];
}
