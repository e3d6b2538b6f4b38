// All files of the export for clients, in a folder or in a ZIP archive.
import { strToU8, zipSync } from "fflate";
import type { Contract } from "../model/load.js";
import { clientContract } from "./client-contract.js";
import { bufYaml, readMe, type About } from "./read-me.js";

/** The files by their paths, sorted: the .proto files, buf.yaml and README.md. Throws as clientContract does. */
export function exportFiles(contract: Contract, about: About): Map<string, string> {
  const protos = clientContract(contract);
  return new Map([["README.md", readMe(about, [...protos.keys()])], ["buf.yaml", bufYaml], ...protos]);
}

/** The files as a ZIP archive. The same files give the same bytes, whenever and wherever it is made. */
export function exportArchive(files: ReadonlyMap<string, string>): Buffer {
  // The first year of the format. fflate writes the local time of a date.
  const mtime = new Date(1980, 0, 1, 12);
  return Buffer.from(zipSync(Object.fromEntries([...files].map(([path, text]) => [path, strToU8(text)])), { mtime }));
}
