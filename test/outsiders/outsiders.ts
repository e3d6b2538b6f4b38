// `make outsiders`: clients that others would build from what we publish, with their own tools and packages, each of which
// calls every method of the contract. Ends with 0, or with 1 when one of them fails.
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { clientDescriptors } from "../support/client-descriptors.js";
import { stopDatabases, temporaryFolder, testDatabase } from "../support/database.js";
import { end, serve } from "../support/program.js";
import { appoint } from "../support/server.js";
import { allOutsiders } from "./all-outsiders.js";
import { exportContract } from "./export-contract.js";
import { ForeignClient } from "./foreign-client.js";
import { Absent, type Outsider } from "./outsider.js";
import { playSession, type Admin } from "./play-session.js";
import { missingCommand, openWorkshop } from "./workshops.js";

const options = new Command("outsiders")
  .description("Builds clients with the tools of others, and plays a session with each of them.")
  .option("--only <names>", "some of them, with commas between their names")
  .option("--strict", "fails where one has to be skipped", false)
  .option("--list", "lists their names", false)
  .parse()
  .opts<{ only?: string; strict: boolean; list: boolean }>();

const chosen = options.only?.split(",").map((name) => name.trim());
const unknown = chosen?.filter((name) => allOutsiders.every((outsider) => outsider.name !== name)) ?? [];
const outsiders = allOutsiders.filter(({ name }) => chosen?.includes(name) ?? true);

if (unknown.length > 0) {
  console.error(
    `There is no outsider ${unknown.join(", ")}; there are ${allOutsiders.map(({ name }) => name).join(", ")}`,
  );
  process.exitCode = 2;
} else if (options.list) console.log(allOutsiders.map(({ name }) => name).join("\n"));
else process.exitCode = await tryAll();
process.exit();

async function tryAll(): Promise<number> {
  const contract = await temporaryFolder();
  await exportContract(contract);
  const database = await testDatabase();
  const dataDir = await temporaryFolder();
  const server = await serve({
    env: {
      DATABASE_URL: database.url,
      SECRET_KEY: randomBytes(32).toString("hex"),
      REGISTRATION: "open",
      DATA_DIR: dataDir,
    },
  });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const admin = await appoint(database.url, "ROLE_SUPER_ADMIN");
    const waiting = [...outsiders];
    const work = async (): Promise<void> => {
      for (let outsider = waiting.shift(); outsider; outsider = waiting.shift()) {
        const began = performance.now();
        const { verdict, line } = await tryOne(outsider, contract, server.url, admin, join(dataDir, "mail"));
        counts[verdict]++;
        const time = verdict === "skipped" ? "" : ` (${((performance.now() - began) / 1000).toFixed(1)} s)`;
        console.log(`${verdict} ${outsider.name}: ${line}${time}`);
      }
    };
    await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
  } finally {
    await end(server);
    await stopDatabases();
  }
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 || (options.strict && counts.skipped > 0) ? 1 : 0;
}

interface Verdict {
  readonly verdict: "passed" | "failed" | "skipped";
  /** What was done, or why not. */
  readonly line: string;
}

async function tryOne(
  outsider: Outsider,
  contract: string,
  url: string,
  admin: Admin,
  mailFolder: string,
): Promise<Verdict> {
  const missing = await missingCommand(outsider.needs);
  if (missing !== undefined) return { verdict: "skipped", line: `no \`${missing}\` on PATH` };
  try {
    const workshop = await openWorkshop(outsider.name, contract, url);
    const program = await outsider.build(workshop);
    if (typeof program === "string") return { verdict: "passed", line: program };
    const client = new ForeignClient(program, workshop.folder, url, await clientDescriptors());
    try {
      return { verdict: "passed", line: `${await playSession(client, admin, mailFolder)} calls` };
    } finally {
      client.end();
    }
  } catch (error) {
    return { verdict: error instanceof Absent ? "skipped" : "failed", line: (error as Error).message };
  }
}
