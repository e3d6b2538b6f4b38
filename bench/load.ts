// A client with little overhead: raw sockets, requests that are prepared before, answers split by Content-Length. It keeps a
// fixed number of connections busy, one request at a time on each, for a fixed time.
import { connect, type Socket } from "node:net";

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly ms: number;
  /** The bytes of the next request; called once for each. Undefined when there are no more. */
  readonly next: () => Buffer | undefined;
  /** The status that every answer has. */
  readonly status: number;
}

export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  /** In milliseconds, ascending. */
  readonly latencies: Float64Array;
  /** The size of all responses, headers included. */
  readonly bytes: number;
}

/** Runs the load until the time is over, or there are no more requests. Rejects when a response has another status, because an error costs less than an answer. */
export async function run({ port, connections, ms, next, status }: Load): Promise<Measured> {
  const latencies: number[] = [];
  let bytes = 0;
  const start = performance.now();
  const end = start + ms;
  const prefix = Buffer.from(`HTTP/1.1 ${status} `);
  await Promise.all(
    Array.from({ length: connections }, () =>
      speak(port, end, next, prefix, (latency, size) => {
        latencies.push(latency);
        bytes += size;
      }),
    ),
  );
  const sorted = Float64Array.from(latencies).sort();
  return { requests: latencies.length, seconds: (performance.now() - start) / 1000, latencies: sorted, bytes };
}

function speak(
  port: number,
  end: number,
  next: () => Buffer | undefined,
  prefix: Buffer,
  answered: (latency: number, bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let held: Buffer = Buffer.alloc(0);
    let wanted = 0;
    let sentAt = 0;
    const ask = () => {
      sentAt = performance.now();
      const bytes = sentAt < end ? next() : undefined;
      if (!bytes) {
        socket.end();
        return resolve();
      }
      socket.write(bytes);
    };
    socket.on("connect", ask);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (wanted === 0) wanted = sizeOf(held);
      if (wanted === 0 || held.length < wanted) return;
      if (!held.subarray(0, prefix.length).equals(prefix)) {
        socket.destroy();
        return reject(new Error(`unexpected answer: ${held.toString("latin1").slice(0, 400)}`));
      }
      answered(performance.now() - sentAt, wanted);
      held = Buffer.alloc(0);
      wanted = 0;
      ask();
    });
  });
}

/** The size of the whole answer; 0 while its headers are not complete. */
function sizeOf(bytes: Buffer): number {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const length = /content-length: *(\d+)/i.exec(bytes.toString("latin1", 0, end))?.[1];
  return end + 4 + Number(length ?? 0);
}

/** The bytes of a request. */
export function requestBytes(verb: string, path: string, headers: Record<string, string>, body?: Buffer): Buffer {
  const lines = Object.entries({
    Host: "localhost",
    ...headers,
    ...(body && { "Content-Length": String(body.length) }),
  });
  const head = `${verb} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return body ? Buffer.concat([Buffer.from(head), body]) : Buffer.from(head);
}

/** The latency that this share of the requests did not exceed. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
