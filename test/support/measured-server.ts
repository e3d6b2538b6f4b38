// A server whose event loop and memory can be watched: it runs in a process of its own, so that what the test does
// itself is not measured.
import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { testDatabase } from "./database.js";
import type { Ask, Told } from "./measured-process.js";
import type { TestServer } from "./server.js";

export interface MeasuredServer extends TestServer {
  ask(what: Exclude<Ask, "stop">): Promise<Told>;
}

/** Starts it; `overrides` are further variables of its environment. */
export async function measuredServer(overrides: Readonly<Record<string, string>> = {}): Promise<MeasuredServer> {
  const database = await testDatabase();
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
      ...overrides,
    },
  });
  const { port } = (await heard(child)) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    databaseUrl: database.url,
    ask: (what) => {
      const answer = heard(child) as Promise<Told>;
      child.send(what);
      return answer;
    },
    close: async () => {
      child.send("stop" satisfies Ask);
      await once(child, "exit");
      await database.drop();
    },
  };
}

/** The next message of the process. Rejects when it ends instead. */
function heard(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`The measured server ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
