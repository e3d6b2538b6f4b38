// Signals by PUBLISH and SUBSCRIBE of Redis. The library is loaded when it is needed.
import type { Logger } from "pino";
import { ConnectionLog } from "./connection-log.js";
import type { OpenTransport } from "./signals.js";

/** A connection without an answer for so long is replaced, in milliseconds. */
const answerMs = 3_000;
/** How often it is asked whether the connection that only listens is still there, in milliseconds. */
const pingMs = 5_000;
const longestRetryMs = 2_000;

/** Opens signals between processes with one name, over the server of a URL. It need not be there yet. */
export function redisTransport(url: string, name: string, log: Logger): OpenTransport {
  return async (receive) => {
    const { Redis } = await import("ioredis");
    const state = new ConnectionLog(log, url);
    const connect = () => {
      const redis = new Redis(url, {
        protocol: 2,
        connectionName: "lyceum",
        disableClientInfo: true,
        enableReadyCheck: false,
        // What cannot be sent now is lost: nothing is kept, and nothing is sent again.
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        autoResubscribe: false,
        maxRetriesPerRequest: 0,
        connectTimeout: answerMs,
        socketTimeout: answerMs,
        retryStrategy: (times) => Math.min(100 * times, longestRetryMs) * (0.5 + Math.random() / 2),
      });
      redis.on("error", (error) => state.down(error));
      redis.on("close", () => state.down(new Error("The connection was closed")));
      return redis;
    };
    const [sender, receiver] = [connect(), connect()];
    const channel = `lyceum:${name}`;
    receiver.on("message", (_channel, message) => receive(message));
    receiver.on("ready", () => {
      receiver.subscribe(channel).then(
        () => state.up(),
        (error: unknown) => state.down(error),
      );
    });
    // Its answer, or that none comes, is seen by the connection itself.
    const ping = setInterval(() => void receiver.ping().catch(() => undefined), pingMs).unref();
    return {
      longest: 60_000,
      send: async (messages) => void (await Promise.all(messages.map((message) => sender.publish(channel, message)))),
      close: async () => {
        clearInterval(ping);
        for (const redis of [sender, receiver]) {
          redis.removeAllListeners("close");
          redis.disconnect();
        }
      },
    };
  };
}
