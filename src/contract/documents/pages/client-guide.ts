// The guide for people who write clients: a file of the repository, with the address of this server in its examples.
import { readFile } from "node:fs/promises";

/** Its text. Rejects when the file does not exist. */
export async function guideFor(file: URL, address: string): Promise<string> {
  return (await readFile(file, "utf8")).replaceAll("http://localhost:8080", address);
}
