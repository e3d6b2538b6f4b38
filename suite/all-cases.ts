// Every case file of suite/cases/: a new one is found by its name.
import { readdirSync } from "node:fs";
import type { CaseFile } from "../runner/cases/case.js";

const folder = new URL("cases/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => /\.cases\.[jt]s$/.test(name))
  .sort();

/**
 * The case files, by the names of their files: a module `suite/cases/X.cases.ts` exports one CaseFile, and nothing else.
 * Throws an Error that names a module which does not, or two modules with one subject.
 */
export const allCases: readonly CaseFile[] = await Promise.all(names.map(load)).then(distinct);

async function load(name: string): Promise<CaseFile> {
  const exported: unknown[] = Object.values((await import(new URL(name, folder).href)) as object);
  const [file] = exported;
  if (exported.length === 1 && isCaseFile(file)) return file;
  throw new Error(`suite/cases/${name} exports one CaseFile, and nothing else`);
}

function isCaseFile(value: unknown): value is CaseFile {
  return typeof value === "object" && value !== null && "subject" in value && "actors" in value && "cases" in value;
}

function distinct(files: readonly CaseFile[]): readonly CaseFile[] {
  const subjects = files.map(({ subject }) => subject);
  const double = subjects.find((subject, at) => subjects.indexOf(subject) < at);
  if (double !== undefined) throw new Error(`two files of suite/cases/ have the subject ${double}`);
  return files;
}
