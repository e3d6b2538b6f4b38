// Clients that know nothing of a stop, behind a balancer that knows only which servers refuse connections.
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Balancer {
  readonly port: number;
  close(): void;
}

/** Forwards each connection to the next server in turn that does not refuse it. `ports` is called for each connection. */
export async function balancer(ports: () => readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const forward = (inner: Socket, [port, ...others]: readonly number[]): void => {
    if (port === undefined) return void inner.destroy();
    const outer = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true });
    outer.once("error", () => forward(inner, others));
    outer.once("connect", () => {
      outer.removeAllListeners("error");
      for (const [from, to] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        open.add(from);
        from.on("error", () => to.resetAndDestroy()).on("close", () => open.delete(from));
        from.pipe(to);
      }
    });
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (inner) => {
    const all = ports();
    const first = turn++ % all.length;
    forward(inner, [...all.slice(first), ...all.slice(0, first)]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      open.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

export interface StopLoad {
  /** The number of complete answers. */
  readonly answered: number;
  /** What went wrong: a request that was sent, and whose connection ended or was reset before its answer. */
  readonly failures: readonly string[];
  /** Ends after the last answers. */
  close(): Promise<void>;
}

/** Between an answer and the next request, which may be the moment in which a server closes the connection. */
const pauseMs = 25;

/** So many clients send one request after the other, and keep their connection until an answer closes it. */
export function stopLoad(port: number, clients: number, bytes: () => string): StopLoad {
  let isOpen = true;
  let answered = 0;
  const failures: string[] = [];

  /** One connection: requests until it is closed, the first `most` of them. */
  const connection = (most: number): Promise<void> =>
    new Promise((resolve) => {
      const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
      let heard = "";
      let isAsking = false;
      let left = most;
      const ask = (): void => {
        if (!isOpen || !socket.writable || left-- <= 0) return void socket.end();
        heard = "";
        isAsking = true;
        socket.write(bytes());
      };
      const lost = (how: string): void => {
        if (isAsking) failures.push(`${how} after ${heard.length} bytes`);
        isAsking = false;
      };
      socket.on("connect", ask);
      socket.on("data", (chunk) => {
        heard += chunk.toString("latin1");
        const [head = "", body] = heard.split("\r\n\r\n");
        if (body === undefined || body.length < Number(/content-length: (\d+)/i.exec(head)?.[1])) return;
        isAsking = false;
        if (/^HTTP\/1\.1 20[01] /.test(head)) answered++;
        else failures.push(heard);
        if (/\r\nconnection: close/i.test(head)) socket.end();
        // Without a pause they would take the processors from the server that starts.
        else void delay(pauseMs).then(ask);
      });
      socket.on("error", ({ message }) => lost(message)).on("end", () => lost("ended"));
      socket.on("close", () => {
        lost("closed");
        resolve();
      });
    });

  const all = Array.from({ length: clients }, async (_, at) => {
    // Some use a connection for one request, as many programs do.
    while (isOpen) await connection(at % 4 === 0 ? 1 : Infinity);
  });
  return {
    get answered() {
      return answered;
    },
    failures,
    close: async () => {
      isOpen = false;
      await Promise.all(all);
    },
  };
}
