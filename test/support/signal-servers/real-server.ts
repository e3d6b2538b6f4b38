// A real redis-server or nats-server, where the machine has one.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface RealServer {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

export async function realServer(program: string, options: (port: number) => readonly string[]): Promise<RealServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  return {
    port,
    async start() {
      child = spawn(program, options(port), { stdio: "ignore" });
      for (let tries = 0; !(await isListening(port)); tries += 1) {
        if (tries === 500 || child.exitCode !== null) throw new Error(`${program} does not listen`);
        await delay(20);
      }
    },
    async stop() {
      const ended = child;
      child = undefined;
      if (!ended || ended.exitCode !== null) return;
      ended.kill("SIGKILL");
      await once(ended, "exit");
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
