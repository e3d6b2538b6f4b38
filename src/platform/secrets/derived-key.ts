// Signing keys, one for each purpose, so that a signature made for one purpose is never valid for another.
import { hkdfSync } from "node:crypto";

/** Derives 32 bytes from the server's secret key, different for each purpose (HKDF, RFC 5869). */
export function deriveKey(secretKey: string | Uint8Array, purpose: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", secretKey, "lyceum", purpose, 32));
}
