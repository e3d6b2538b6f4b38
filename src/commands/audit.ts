// `lyceum verify-audit`.
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Config } from "../config.js";
import { chainKey, type ChainKey } from "../platform/audit/chain.js";
import type { AuditFault, AuditSummary } from "../platform/audit/verification.js";
import { OperatorError } from "../platform/operator-error.js";
import { keptSecret } from "../platform/secrets/secret-key.js";
import { withDatabase } from "./with-database.js";

interface Options {
  readonly head?: string;
  readonly formerKeys?: string;
}

/** Adds the command to the program. */
export function auditCommands(program: Command, config: () => Config): void {
  program
    .command("verify-audit")
    .description(
      "say which events of the audit were changed, removed, moved or inserted, and print the head of its chain",
    )
    .option("--head <hash>", "the hash that an earlier run has printed: finds that the end of the audit was removed")
    .option("--former-keys <file>", "SECRET_KEYs of before, one a line, with which the servers ran once")
    .action(async ({ head, formerKeys }: Options) => {
      const anchor = head === undefined ? undefined : hashOf(head);
      const { verifyAudit } = await import("../platform/audit/verification.js");
      await withDatabase(config(), async ({ server: { database } }, { secretKey, dataDir }) => {
        const keys = [
          chainKey(secretKey ?? keptSecret(dataDir)),
          ...(formerKeys === undefined ? [] : readKeys(formerKeys)),
        ];
        const found = verifyAudit(database, { keys, ...(anchor && { anchor }) });
        const faults: Faults = { count: 0, first: "" };
        for (;;) {
          const { done, value } = await found.next();
          if (done === true) return conclude(value, faults, anchor);
          report(faults, describe(value));
        }
      });
    });
}

/** The faults that were printed. */
interface Faults {
  count: number;
  first: string;
}

function report(faults: Faults, sentence: string): void {
  process.stdout.write(`FAULT ${sentence}\n`);
  if (faults.count++ === 0) faults.first = sentence;
}

function conclude(
  { head, entries, waiting, anchoredAt }: AuditSummary,
  faults: Faults,
  anchor: Buffer | undefined,
): void {
  if (anchor && anchoredAt === undefined) {
    report(faults, `no entry has the hash ${anchor.toString("hex")}: the end was removed since it was printed`);
  }
  process.stdout.write(`${entries} events are chained, ${waiting} are not chained yet.\n`);
  if (anchoredAt !== undefined) process.stdout.write(`The given head is at position ${anchoredAt}.\n`);
  if (faults.count > 0)
    throw new OperatorError(
      `The audit is not as it was recorded. Faults: ${faults.count}, the first: ${faults.first}.`,
    );
  process.stdout.write(
    `The audit is as it was recorded. Its head is position ${head.position}, hash ${head.hash.toString("hex")}\n`,
  );
}

function describe({ kind, position, until, eventId }: AuditFault): string {
  if (kind === "missing" && eventId === undefined)
    return until === undefined ? `position ${position} is missing` : `positions ${position} to ${until} are missing`;
  if (position === undefined) return `event ${eventId} was inserted: it was never chained`;
  const place = `event ${eventId} at position ${position}`;
  if (kind === "missing") return `${place} is missing`;
  if (kind === "unknown-key") return `${place} was chained with a key that is not given (--former-keys)`;
  return `${place} was ${kind}`;
}

/** Throws an OperatorError when the text is no hash. */
function hashOf(text: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  throw new OperatorError("The head is no hash: it has 64 hexadecimal digits.");
}

/** Throws an OperatorError when the file cannot be read. */
function readKeys(file: string): ChainKey[] {
  try {
    const lines = readFileSync(file, "utf8").split(/\r?\n/);
    return lines.filter((line) => line.trim() !== "").map((line) => chainKey(line.trim()));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`The keys cannot be read from ${file} (${code}).`, { cause: error });
  }
}
