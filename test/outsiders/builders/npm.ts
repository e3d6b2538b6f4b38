// What npm fetches.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workshop } from "../outsider.js";

/** Installs the packages of package-lock.json into node_modules/, unless it did so before. */
export async function fetchPackages({ folder, fetch, once }: Workshop): Promise<void> {
  const lock = await readFile(join(folder, "package-lock.json"), "utf8");
  await once("node_modules", lock, () => fetch("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
}
