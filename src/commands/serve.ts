// `lyceum serve`: starts the server, prints the addresses and logins a person needs, and stops it in order.
import type { Command } from "commander";
import type { Config } from "../config.js";
import type { RunningServer } from "../server.js";

/** The most that the shutdown takes after the pause for the load balancer; then the process exits with 1. */
const endMs = 9_500;
/**
 * A signal this soon after the first is the same Ctrl-C: the terminal signals the whole process group, and npm forwards
 * the signal.
 */
const echoMs = 500;

/** Adds the command to the program. */
export function serveCommand(program: Command, config: () => Config): void {
  program
    .command("serve")
    .description("serve the API, on an embedded Postgres unless DATABASE_URL names a real one (the default)")
    .option("--migrate", "bring the schema of a real server up to date first; the embedded one's always is")
    .action(async ({ migrate }: { migrate?: boolean }) => serve(config(), migrate === true));
}

async function serve(config: Config, migrate: boolean): Promise<void> {
  const isTalkative = config.environment === "development" && config.logFormat === "text";
  const progress = (step: string) => {
    if (isTalkative) process.stdout.write(`${step} ...\n`);
  };
  const interrupted = endOnSignals(config);
  const { startServer } = await import("../server.js");
  const server = await startServer(config, { migrate, progress });
  if (isTalkative) process.stdout.write(await welcome(server));
  interrupted(server);
}

/**
 * Stops the server on SIGTERM, SIGINT or an unexpected exception; one that comes during the start takes effect when the
 * server has started. A second signal exits at once.
 */
function endOnSignals({ shutdownPauseMs }: Config): (server: RunningServer) => void {
  let running: RunningServer | undefined;
  let exitCode: number | undefined;
  let isEnding = false;
  let askedAt: number | undefined;

  const end = (code: number) => {
    exitCode = Math.max(exitCode ?? 0, code);
    if (isEnding || !running) return;
    isEnding = true;
    setTimeout(() => process.exit(1), shutdownPauseMs + endMs).unref();
    running.close().then(
      () => process.exit(exitCode),
      (error: unknown) => giveUp(error),
    );
  };
  const asked = () => {
    askedAt ??= performance.now();
    if (performance.now() - askedAt > echoMs) process.exit(130);
    end(0);
  };
  const failed = (error: unknown) => {
    if (!running) giveUp(error);
    else running.log.fatal({ logger: "server", err: error }, "an unexpected exception ends the process");
    end(1);
  };
  process.on("SIGTERM", asked).on("SIGINT", asked);
  process.on("uncaughtException", failed).on("unhandledRejection", failed);
  return (server) => {
    running = server;
    if (exitCode !== undefined) end(exitCode);
  };
}

/** For errors before the log is open or after it is closed. */
function giveUp(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

async function welcome({ url, isEmbedded }: RunningServer): Promise<string> {
  const lines = [``, `Lyceum listens on ${url}`, `  documents   ${url}/docs`, `  contract    ${url}/proto/`];
  if (isEmbedded) {
    const { demoLogin, demoLogins } = await import("../accounts/demo.js");
    lines.push(
      `  logins      ${demoLogins.map(({ email, password }) => `${email} / ${password}`).join("\n              ")}`,
    );
    const { path, body } = demoLogin;
    const json = JSON.stringify(body);
    lines.push(``, `Try it:`, `  curl -s ${url}${path} -H 'Content-Type: application/json' -d '${json}'; echo`);
  }
  return `${lines.join("\n")}\n\n`;
}
