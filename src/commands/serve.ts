// `lyceum serve`: starts the server, tells a person what they need, and ends it in order.
import type { Command } from "commander";
import type { Config } from "../config.js";
import { demoLogins } from "../demo.js";
import { type RunningServer, startServer } from "../server.js";

/** Beyond the pause for the balancer, the whole end takes no longer. */
const endMs = 9_500;

export function serveCommand(program: Command, config: () => Config): void {
  program
    .command("serve", { isDefault: true })
    .description("serve the API, on an embedded Postgres unless DATABASE_URL names a real one")
    .option("--migrate", "bring the schema of a real server up to date first; the embedded one's always is")
    .action(async ({ migrate }: { migrate?: boolean }) => serve(config(), migrate === true));
}

async function serve(config: Config, migrate: boolean): Promise<void> {
  const isTalkative = config.environment === "development" && config.logFormat === "text";
  const progress = (step: string) => {
    if (isTalkative) process.stdout.write(`${step} ...\n`);
  };
  const interrupted = endOnSignals(config);
  const server = await startServer(config, { migrate, progress });
  if (isTalkative) process.stdout.write(welcome(server));
  interrupted(server);
}

/** Ends the server on SIGTERM, SIGINT or an unexpected exception; also one that comes while it is still starting. */
function endOnSignals({ shutdownPauseMs }: Config): (server: RunningServer) => void {
  let running: RunningServer | undefined;
  let asked: number | undefined;

  const end = (code: number) => {
    // A second Ctrl-C means it.
    if (asked !== undefined && running) process.exit(code || 130);
    asked = code;
    if (!running) return;
    setTimeout(() => process.exit(1), shutdownPauseMs + endMs).unref();
    running.close().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", () => end(0));
  process.on("SIGINT", () => end(0));
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      if (!running) {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      }
      running.log.fatal({ logger: "server", err: error }, "an unexpected exception ends the process");
      end(1);
    });
  }
  return (server) => {
    running = server;
    const code = asked;
    asked = undefined;
    if (code !== undefined) end(code);
  };
}

function welcome({ url, isEmbedded }: RunningServer): string {
  const lines = [``, `Lyceum listens on ${url}`, `  documents   ${url}/docs`, `  contract    ${url}/proto/`];
  const [first] = demoLogins;
  if (isEmbedded && first) {
    lines.push(
      `  logins      ${demoLogins.map(({ email, password }) => `${email} / ${password}`).join("\n              ")}`,
    );
    const login = JSON.stringify({ email: first.email, password: first.password });
    lines.push(``, `Try it:`, `  curl -s ${url}/v1/auth/login -H 'Content-Type: application/json' -d '${login}'`);
  }
  return `${lines.join("\n")}\n\n`;
}
