// `lyceum serve`: starts the server, tells a person what they need, and ends it in order.
import type { Command } from "commander";
import type { Config } from "../config.js";
import { demoLogins } from "../demo.js";
import { type RunningServer, startServer } from "../server.js";

/** Beyond the pause for the balancer, the whole end takes no longer. */
const endMs = 9_500;
/** A signal so soon after the first is the same one: the terminal tells all its programs, and npm tells us once more. */
const echoMs = 500;

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
  const server = await startServer(config, { migrate, progress });
  if (isTalkative) process.stdout.write(welcome(server));
  interrupted(server);
}

/**
 * Ends the server on SIGTERM, SIGINT or an unexpected exception; also on one that comes while it is still starting, when
 * it has started. A second signal means at once.
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

/** Where there is no log, or no longer. */
function giveUp(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

function welcome({ url, isEmbedded }: RunningServer): string {
  const lines = [``, `Lyceum listens on ${url}`, `  documents   ${url}/docs`, `  contract    ${url}/proto/`];
  const [first] = demoLogins;
  if (isEmbedded && first) {
    lines.push(
      `  logins      ${demoLogins.map(({ email, password }) => `${email} / ${password}`).join("\n              ")}`,
    );
    const login = JSON.stringify({ email: first.email, password: first.password });
    lines.push(``, `Try it:`, `  curl -s ${url}/v1/auth/login -H 'Content-Type: application/json' -d '${login}'; echo`);
  }
  return `${lines.join("\n")}\n\n`;
}
