// The contract together with messages of tests, and a small one for them.
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

const options = ["option_types", "options", "problem", "reason_options", "scope"];

/**
 * A folder of .proto files without services: the options, reasons and scopes, and the files of buf and Google, which a file of a test may
 * import. To read it takes no longer with each rpc. It is removed at the end of the process.
 */
export const smallContract = mkdtempSync(join(tmpdir(), "proto-"));
for (const path of ["buf", "google", ...options.map((name) => `lyceum/v1/${name}.proto`)])
  cpSync(join(proto, path), join(smallContract, path), { recursive: true });
process.on("exit", () => rmSync(smallContract, { recursive: true, force: true }));
