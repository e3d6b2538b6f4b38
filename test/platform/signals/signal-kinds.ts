// What carries signals, for tests: Postgres, Redis and NATS, of which the latter two are stand-ins, and real ones where they are installed.
import { type SignalServer } from "../../../src/signals-url.js";
import { natsStandIn } from "../../support/signal-servers/nats-stand-in.js";
import { isInstalled, type RealServer, realServer } from "../../support/signal-servers/real-server.js";
import { redisStandIn } from "../../support/signal-servers/redis-stand-in.js";

/** It has characters that stand encoded in a URL. */
export const password = "p@ss:word/1";

export interface SignalKind {
  readonly name: string;
  /** Starts what carries the signals; undefined: the database. */
  readonly open: () => Promise<RunningKind>;
}

export interface RunningKind {
  readonly given: SignalServer | undefined;
  readonly server: Pick<RealServer, "start" | "stop"> | undefined;
}

const encoded = encodeURIComponent(password);
const redisUrl = (port: number): SignalServer => ({ kind: "redis", url: `redis://:${encoded}@127.0.0.1:${port}/1` });
const natsUrl = (port: number): SignalServer => ({ kind: "nats", url: `nats://lyceum:${encoded}@127.0.0.1:${port}` });

const kinds: SignalKind[] = [
  { name: "Postgres", open: async () => ({ given: undefined, server: undefined }) },
  {
    name: "a stand-in of Redis",
    async open() {
      const server = redisStandIn(password);
      await server.start();
      return { given: redisUrl(server.port), server };
    },
  },
  {
    name: "a stand-in of NATS",
    async open() {
      const server = natsStandIn("lyceum", password);
      await server.start();
      return { given: natsUrl(server.port), server };
    },
  },
];

if (isInstalled("redis-server"))
  kinds.push({
    name: "Redis",
    async open() {
      const server = await realServer("redis-server", (port) => [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        "/tmp",
        "--requirepass",
        password,
      ]);
      await server.start();
      return { given: redisUrl(server.port), server };
    },
  });
if (isInstalled("nats-server"))
  kinds.push({
    name: "NATS",
    async open() {
      const server = await realServer("nats-server", (port) => [
        "--addr",
        "127.0.0.1",
        "--port",
        String(port),
        "--user",
        "lyceum",
        "--pass",
        password,
      ]);
      await server.start();
      return { given: natsUrl(server.port), server };
    },
  });
for (const program of ["redis-server", "nats-server"])
  if (!isInstalled(program)) console.log(`${program} is not installed: its stand-in alone is tried`);

export const signalKinds: readonly SignalKind[] = kinds;
