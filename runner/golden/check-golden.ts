// Checks that today's contract reads what released clients send, and writes what they read. The golden files record that;
// they are also rewritten here.
import type { Descriptors } from "../client/descriptors.js";
import { checkEnums, newEnums } from "./check-enums.js";
import { checkMessages, newMessages } from "./check-messages.js";
import { checkRoutes, newRoutes } from "./check-routes.js";
import type { Clients, Finding } from "./finding.js";
import { goldenOf, goldenTexts, readGolden, textsOf, writeTexts } from "./golden.js";

/**
 * Compares the golden files of `folder` with the contract: what breaks a released client, and what the files do not
 * contain yet. Throws an Error that names a file which cannot be parsed.
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
  /** The findings of the files before they were rewritten. */
  readonly findings: readonly Finding[];
  /** Each removed line ("- file: line") and each added line ("+ file: line"). */
  readonly lines: readonly string[];
}

/** Rewrites the golden files of `folder` from today's contract, and removes all others. */
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

/** The lines of one text that occur less often in the other. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
