// A new signing key, and the end of old ones.
import { randomBytes } from "node:crypto";
import { operatorCall, recordAudit } from "../../platform/audit/audit.js";
import type { Database } from "../../platform/database/database.js";
import type { SweepStep } from "../../platform/sweep/sweep.js";
import { encrypt } from "../../platform/secrets/encrypted-secret.js";
import { encryptionPurpose } from "./signing-keys.js";
import { deleteOldSigningKeys, deleteSigningKeysBefore, insertSigningKey } from "./store.js";

/**
 * Makes a key that signs from now on, and returns its number. Tokens of earlier keys stay valid, unless those are dropped: then
 * everybody has to log in again. Running processes hear of it.
 */
export async function rotateSigningKey(
  database: Database,
  secretKey: string,
  { dropOld }: { readonly dropOld: boolean },
): Promise<number> {
  const encrypted = encrypt(secretKey, encryptionPurpose, randomBytes(32));
  return database.transaction(async (queries) => {
    const id = await insertSigningKey(queries, encrypted);
    if (dropOld) await deleteSigningKeysBefore(queries, id);
    const action = dropOld ? "signing_key.replace" : "signing_key.rotate";
    await recordAudit(queries, operatorCall, { action, target: ["signing_key", id] });
    return id;
  });
}

/** Deletes keys that no valid token can have been signed with. */
export const sweepSigningKeys: SweepStep = {
  name: "old signing keys",
  run: async (database) => ({ rows: await database.transaction(deleteOldSigningKeys), isComplete: true }),
};
