// The folder of a contract without services: what each .proto file of a test may import, and nothing that takes longer to read with each rpc.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const proto = fileURLToPath(new URL("../../proto", import.meta.url));
const shared = ["option_types", "options", "problem", "reason_options", "scope"].map(
  (name) => `lyceum/v1/${name}.proto`,
);

/** Options, reasons and scopes, and the files of buf and Google, in a folder of their own. It is removed at the end of the process. */
export const smallContract = mkdtempSync(join(tmpdir(), "proto-"));
for (const path of ["buf", "google", ...shared])
  cpSync(join(proto, path), join(smallContract, path), { recursive: true });
process.on("exit", () => rmSync(smallContract, { recursive: true, force: true }));
