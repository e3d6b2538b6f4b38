// Whether today's contract still reads what released clients write, and writes what they read; and the golden files,
// which remember what that is, made anew.
import type { Descriptors } from "../client/descriptors.js";
import { checkEnums, newEnums } from "./check-enums.js";
import { checkMessages, newMessages } from "./check-messages.js";
import { checkRoutes, newRoutes } from "./check-routes.js";
import type { Clients, Finding } from "./finding.js";
import { goldenOf, goldenTexts, readGolden, textsOf, writeTexts } from "./golden.js";

/**
 * Holds the golden files of `folder` against the contract: what breaks a released client, and what the files do not show
 * yet. Throws an Error that names a file which cannot be read.
 */
export function checkGolden(descriptors: Descriptors, folder: string, clients: Clients): Finding[] {
  const golden = readGolden(folder);
  const today = goldenOf(descriptors);
  const enums = checkEnums(descriptors.registry, golden, clients);
  return [
    ...checkRoutes(descriptors, golden, clients),
    ...[...enums.values()].flat(),
    ...checkMessages(descriptors.registry, golden, new Set(enums.keys()), clients),
    ...newRoutes(descriptors, golden),
    ...newEnums(golden, today),
    ...newMessages(golden, today),
  ];
}

export interface Renewal {
  /** What the files that were written over had to say of the contract. */
  readonly findings: readonly Finding[];
  /** Each line that went ("- file: line") or came ("+ file: line"). */
  readonly lines: readonly string[];
}

/** Makes `folder` hold the golden files of today's contract and no others. */
export function renewGolden(descriptors: Descriptors, folder: string, clients: Clients): Renewal {
  const findings = checkGolden(descriptors, folder, clients);
  const [old, texts] = [goldenTexts(folder), textsOf(goldenOf(descriptors))];
  const names = [...new Set([...old.keys(), ...texts.keys()])].sort();
  const lines = names.flatMap((name) => changedLines(name, old.get(name) ?? "", texts.get(name) ?? ""));
  writeTexts(folder, texts);
  return { findings, lines };
}

function changedLines(name: string, old: string, text: string): string[] {
  const [before, after] = [old.split("\n"), text.split("\n")];
  return [
    ...without(before, after).map((line) => `- ${name}: ${line.trim()}`),
    ...without(after, before).map((line) => `+ ${name}: ${line.trim()}`),
  ];
}

/** The lines of one text that the other does not have as often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
