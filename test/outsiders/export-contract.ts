// The contract as clients get it.
import { lyceum, projectRoot } from "../support/program.js";

/** Writes the .proto files for clients into a folder. Throws an Error with the output of the command when it fails. */
export async function exportContract(folder: string): Promise<void> {
  const { code, stdout, stderr } = await lyceum(["client-contract", "--out", folder], { cwd: projectRoot });
  if (code !== 0) throw new Error(`lyceum client-contract ended with ${code}:\n${stdout}${stderr}`);
}
