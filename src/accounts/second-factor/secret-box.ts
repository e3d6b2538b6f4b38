// The secrets of second factors as the database keeps them, so that a copy of it opens nothing.
import { decrypt, encrypt } from "../../platform/secrets/encrypted-secret.js";

export interface SecretBox {
  /** The encrypted secret of a user. */
  close(secret: Buffer, userId: number): Buffer;
  /** The secret; undefined when it was encrypted with another key, or for another user. */
  open(closed: Buffer, userId: number): Buffer | undefined;
}

/** Each user's secret has a purpose, and so a key, of its own: a row that is moved to another user is of no use. */
export function createSecretBox(secretKey: string): SecretBox {
  const purposeOf = (userId: number): string => `second factor of user ${userId}`;
  return {
    close: (secret, userId) => encrypt(secretKey, purposeOf(userId), secret),
    open: (closed, userId) => decrypt(secretKey, purposeOf(userId), closed),
  };
}
