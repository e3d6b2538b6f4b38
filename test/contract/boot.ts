// `make contract`: the runner against the server that --url names, or against a server of its own, on a new database.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../runner/program/program.js";
import { stopDatabases, temporaryFolder, testDatabase } from "../support/database.js";
import { end, serve } from "../support/program.js";
import { appoint } from "../support/server.js";
import { suite } from "../../suite/suite.js";

const name = "lyceum-contract";
const words = process.argv.slice(2);

process.exitCode = words.some((word) => /^(--url\b|--list$|--help$|-h$)/.test(word))
  ? await runProgram(name, suite, words)
  : await withServer();
process.exit();

async function withServer(): Promise<number> {
  const database = await testDatabase();
  const dataDir = await temporaryFolder();
  const server = await serve({
    env: {
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      SECRET_KEY: randomBytes(32).toString("hex"),
      REGISTRATION: "open",
      LOG_LEVEL: "info",
    },
  });
  try {
    const accounts = join(await temporaryFolder(), "accounts.json");
    // Users with small ids, whom generated requests name and may suspend.
    for (let user = 0; user < 20; user++) await appoint(database.url, "ROLE_STUDENT");
    const teacher = await appoint(database.url, "ROLE_TEACHER");
    const admin = await appoint(database.url, "ROLE_SUPER_ADMIN");
    await writeFile(accounts, JSON.stringify({ teacher, admin }), { mode: 0o600 });
    return await runProgram(name, suite, [
      "--url",
      server.url,
      "--throwaway",
      "--accounts",
      accounts,
      "--mailbox",
      join(dataDir, "mail"),
      ...words,
    ]);
  } finally {
    await end(server);
    await stopDatabases();
  }
}
