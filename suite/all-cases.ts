// All case files below suite/cases/; a new file is found by its name.
import { readdirSync } from "node:fs";
import type { CaseFile } from "../runner/cases/case.js";

const folder = new URL("cases/", import.meta.url);
const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /\.cases\.[jt]s$/.test(name))
  .sort();

/**
 * The case files, in the order of their names: a module `suite/cases/.../X.cases.ts` exports one CaseFile, and nothing else.
 * Throws an Error that names a module which does not, or a method with cases in two modules of one subject.
 */
export const allCases: readonly CaseFile[] = await Promise.all(names.map(load)).then(distinct);

async function load(name: string): Promise<CaseFile> {
  const exported: unknown[] = Object.values((await import(new URL(name, folder).href)) as object);
  const [file] = exported;
  if (exported.length === 1 && isCaseFile(file)) return file;
  throw new Error(`suite/cases/${name} must export one CaseFile, and nothing else`);
}

function isCaseFile(value: unknown): value is CaseFile {
  return typeof value === "object" && value !== null && "subject" in value && "actors" in value && "cases" in value;
}

function distinct(files: readonly CaseFile[]): readonly CaseFile[] {
  const seen = new Set<string>();
  for (const { subject, cases } of files) {
    for (const method of Object.keys(cases)) {
      if (seen.has(`${subject} ${method}`)) throw new Error(`two files of ${subject} have cases of ${method}`);
      seen.add(`${subject} ${method}`);
    }
  }
  return files;
}
