// A source tree as data: the text of each file by its path. Laws about it also hold for files that no test runs, and can be
// tested with small made-up trees.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The text of each file, by its path from the root, with `/` as the separator. */
export type SourceTree = ReadonlyMap<string, string>;

/** The folder of package.json. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Installed, built and local files, which are not sources. */
const ignoredFolders = new Set(["node_modules", "dist", "coverage", ".git", ".data"]);
const ignoredFiles = new Set(["src/gen/.generated", ".env", ".git"]);

/** Reads this repository, sorted by path. Binary files are included; their text has no meaning. */
export function readSourceTree(): SourceTree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      const path = relative(root, file).split(sep).join("/");
      if (entry.isDirectory() && !ignoredFolders.has(entry.name)) visit(file);
      if (entry.isFile() && !ignoredFiles.has(path) && !path.endsWith(".log"))
        tree.set(path, readFileSync(file, "utf8"));
    }
  };
  visit(root);
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The TypeScript files in these folders of the root, without generated ones. */
export function scripts(tree: SourceTree, ...folders: readonly string[]): string[] {
  return [...tree.keys()].filter(
    (path) =>
      path.endsWith(".ts") && !path.startsWith("src/gen/") && folders.some((folder) => path.startsWith(`${folder}/`)),
  );
}

/** The folder of a file; empty for a file of the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder of `src/` that a file is in, such as `chats`; the name of a file directly in `src/`. */
export function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}
