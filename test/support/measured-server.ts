// A server whose event loop and memory are measured. It runs in a process of its own, so that the work of the test is not
// measured.
import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder, testDatabase } from "./database.js";
import type { Command, Measurement } from "./measured-process.js";
import type { TestServer } from "./server.js";

export interface MeasuredServer extends TestServer {
  command(what: Exclude<Command, "stop">): Promise<Measurement>;
}

/** Starts it; `overrides` are further variables of its environment. */
export async function measuredServer(overrides: Readonly<Record<string, string>> = {}): Promise<MeasuredServer> {
  const database = await testDatabase();
  const dataDir = await temporaryFolder();
  const child = fork(fileURLToPath(new URL("./measured-process.ts", import.meta.url)), [], {
    execArgv: ["--import", "tsx", "--expose-gc"],
    env: {
      ...process.env,
      NODE_ENV: "test",
      HOST: "127.0.0.1",
      PORT: "0",
      DATABASE_URL: database.url,
      SECRET_KEY: randomBytes(32).toString("hex"),
      REGISTRATION: "open",
      LOG_LEVEL: "silent",
      PASSWORD_COST: "4",
      DATA_DIR: dataDir,
      ...overrides,
    },
  });
  const { port } = (await nextMessage(child)) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    databaseUrl: database.url,
    mailFolder: join(dataDir, "mail"),
    command: (what) => {
      const answer = nextMessage(child) as Promise<Measurement>;
      child.send(what);
      return answer;
    },
    close: async () => {
      child.send("stop" satisfies Command);
      await once(child, "exit");
      await database.drop();
    },
  };
}

/** The next message of the process. Rejects when the process ends first. */
function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`The measured server ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
