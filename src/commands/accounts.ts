// `lyceum create-admin`, `reset-link`, `reset-mfa`, `rotate-key`, `generate-secret` and `seed-demo`.
import { createInterface } from "node:readline";
import type { Command } from "commander";
import type { Config } from "../config.js";
import { OperatorError } from "../platform/operator-error.js";
import { randomToken } from "../platform/secrets/random-token.js";
import { keptSecret } from "../platform/secrets/secret-key.js";
import { withDatabase } from "./with-database.js";

/** Adds the commands of this file to the program. */
export function accountCommands(program: Command, config: () => Config): void {
  program
    .command("generate-secret")
    .description("print a new SECRET_KEY")
    .action(() => void process.stdout.write(`${randomToken()}\n`));

  program
    .command("rotate-key")
    .description("make a new key for signing tokens; nobody is logged out")
    .option("--drop-old", "refuse all tokens of earlier keys: everybody has to log in again")
    .action(async ({ dropOld = false }: { dropOld?: boolean }) => {
      const { secretKey, dataDir } = config();
      const { rotateSigningKey } = await import("../accounts/signing-keys/rotate.js");
      const id = await withDatabase(config(), ({ server: { database } }) =>
        rotateSigningKey(database, secretKey ?? keptSecret(dataDir), { dropOld }),
      );
      const rest = dropOld ? "Everybody has to log in again." : "Tokens of earlier keys stay valid.";
      process.stdout.write(`Tokens are signed with key ${id} from now on. ${rest}\n`);
    });

  program
    .command("create-admin")
    .description("make a super admin")
    .requiredOption("--email <address>", "the address to log in with")
    .option(
      "--password <password>",
      "at least 8 characters; read from standard input when absent, so that no history keeps it",
    )
    .action(async ({ email, password }: { email: string; password?: string }) => {
      const secret = password ?? (await readSecret("Password: "));
      const { createAdmin } = await import("../accounts/create-account.js");
      const { createPasswords } = await import("../accounts/passwords/passwords.js");
      const admin = await withDatabase(config(), async ({ server: { database } }, { passwordCost, appName }) => {
        const passwords = createPasswords({ cost: passwordCost });
        return createAdmin(database, passwords, { email, password: secret, appName }).finally(() => passwords.close());
      });
      process.stdout.write(`Made the super admin ${admin.email ?? email} with id ${admin.id}.\n`);
    });

  program
    .command("reset-mfa")
    .description("remove the second factor of somebody who has lost it, and end their sessions")
    .requiredOption("--email <address>", "the address that they log in with")
    .action(async ({ email }: { email: string }) => {
      const { resetByOperator } = await import("../accounts/second-factor/reset.js");
      const user = await withDatabase(config(), ({ server: { database } }) => resetByOperator(database, email));
      const name = user.email ?? email;
      process.stdout.write(`${name} has no second factor now, and no session: the password alone logs in.\n`);
    });

  program
    .command("reset-link")
    .description("print a link with which a person sets a new password, once, within 20 minutes")
    .requiredOption("--email <address>", "the address of the account")
    .action(async ({ email }: { email: string }) => {
      const { operatorResetLink } = await import("../accounts/passwords/reset-links.js");
      const link = await withDatabase(config(), ({ server: { database } }, { publicUrl }) =>
        operatorResetLink(database, email, publicUrl),
      );
      process.stdout.write(`${link.url}\n`);
    });

  program
    .command("seed-demo")
    .description("make a small demo school on a database that has no users; never in production")
    .action(async () => {
      if (config().environment === "production")
        throw new OperatorError("A demo school has well-known passwords: it is never made when NODE_ENV=production.");
      const [{ demoLogins, seedDemo }, { createPasswords }, { openBlobStore }, { openLog }, { demoSteps }] =
        await Promise.all([
          import("../accounts/demo.js"),
          import("../accounts/passwords/passwords.js"),
          import("../platform/blobs/open-blob-store.js"),
          import("../platform/log.js"),
          import("../services.js"),
        ]);
      const made = await withDatabase(config(), async ({ server: { database } }, opened) => {
        const log = openLog({ level: "warn", format: "text", file: undefined, isForPeople: true });
        const blobs = await openBlobStore(opened, log.logger);
        const passwords = createPasswords({ cost: opened.passwordCost });
        const say = (step: string) => void process.stdout.write(`${step} ...\n`);
        try {
          return await seedDemo(database, passwords, demoSteps({ blobs }), say);
        } finally {
          await passwords.close();
          await blobs.close();
          await log.close();
        }
      });
      if (!made) throw new OperatorError("There are users already, so no demo school was made.");
      for (const { email, password, role } of demoLogins) process.stdout.write(`${email} / ${password} (${role})\n`);
    });
}

/** Reads a line of standard input, without echo on a terminal. Throws an OperatorError when there is none. */
async function readSecret(prompt: string): Promise<string> {
  const isTerminal = process.stdin.isTTY === true;
  if (isTerminal) process.stderr.write(prompt);
  // With a terminal and without an output, readline reads the keys in raw mode and echoes nothing.
  const lines = createInterface({ input: process.stdin, terminal: isTerminal });
  try {
    // Windows writes a mark of the byte order before a text.
    for await (const line of lines) return line.replace(/^\ufeff/, "");
  } finally {
    // Leaving the loop does not close the input, and the process would wait for more of it.
    lines.close();
    if (isTerminal) process.stderr.write("\n");
  }
  throw new OperatorError("No password was given: use --password, or type one.");
}
