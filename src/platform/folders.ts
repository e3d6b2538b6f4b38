// Creates folders.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder and its parents, unless they exist. Throws the error of the file system. Node's own `recursive` never
 * returns where a parent exists in which mkdir fails with ENOENT, as in /proc.
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path), mode);
    try {
      mkdirSync(path, { mode });
    } catch (again) {
      if ((again as NodeJS.ErrnoException).code !== "EEXIST") throw again;
    }
  }
}
