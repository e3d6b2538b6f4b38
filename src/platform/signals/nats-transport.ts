// Signals by publish and subscribe of NATS. The library is loaded when it is needed.
import { setTimeout as delay } from "node:timers/promises";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "pino";
import { ConnectionLog } from "./connection-log.js";
import type { OpenTransport } from "./signals.js";

const connectMs = 3_000;
const retryMs = 500;
/** How often the server is asked whether it is there, in milliseconds; after two without an answer the connection is replaced. */
const pingMs = 3_000;

/** Opens signals between processes with one name, over the server of a URL. It need not be there yet. */
export function natsTransport(url: string, name: string, log: Logger): OpenTransport {
  return async (receive) => {
    const { connect } = await import("@nats-io/transport-node");
    const state = new ConnectionLog(log, url);
    const subject = `lyceum.${name}`;
    const closing = new AbortController();
    const { signal } = closing;
    let connection: NatsConnection | undefined;
    let endSending: (error: Error) => void = () => undefined;

    async function use(): Promise<void> {
      const opened = await connect({
        ...accessOf(url),
        name: "lyceum",
        noEcho: true,
        timeout: connectMs,
        pingInterval: pingMs,
        maxPingOut: 2,
        // A connection that is lost is replaced here, so that nothing waits in it meanwhile.
        reconnect: false,
      });
      if (signal.aborted) return opened.close();
      opened.subscribe(subject, {
        callback: (error, message) => {
          if (!error) receive(message.string());
        },
      });
      await opened.flush();
      connection = opened;
      state.up();
      const error = await opened.closed();
      connection = undefined;
      endSending(new Error("The connection was closed"));
      if (!signal.aborted) state.down(error ?? new Error("The connection was closed"));
    }

    const running = (async () => {
      while (!signal.aborted) {
        await use().catch((error: unknown) => state.down(error));
        await delay(retryMs * (0.5 + Math.random()), undefined, { ref: false, signal }).catch(() => undefined);
      }
    })();
    return {
      longest: 60_000,
      async send(messages) {
        const current = connection;
        if (!current) throw new Error("NATS cannot be reached");
        for (const message of messages) current.publish(subject, message);
        // That of a connection which is lost never ends.
        await new Promise<void>((resolve, reject) => {
          endSending = reject;
          current.flush().then(resolve, reject);
        });
      },
      async close() {
        closing.abort();
        await connection?.close();
        await running;
      },
    };
  };
}

/** The library reads no names and passwords in a URL. */
function accessOf(url: string): Parameters<typeof import("@nats-io/transport-node").connect>[0] {
  const { protocol, hostname, port, username, password } = new URL(url);
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    servers: `${hostname}:${port || 4222}`,
    ...(protocol === "tls:" && { tls: {} }),
    ...(user !== "" && (pass === "" ? { token: user } : { user, pass })),
  };
}
