// The contract together with messages of tests.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDescriptorSet } from "../../runner/client/descriptors.js";

const proto = fileURLToPath(new URL("../../proto", import.meta.url));

/** The descriptor set of the contract and of these .proto files, which may import it. Rejects with the errors of buf. */
export async function contractWith(...files: readonly string[]): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), "proto-"));
  try {
    cpSync(proto, directory, { recursive: true });
    for (const file of files) cpSync(file, join(directory, basename(file)));
    return await buildDescriptorSet(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
