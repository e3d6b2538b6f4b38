// The ways in which updates come: a web socket in each of its subprotocols, the long poll, and the stream of events.
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { CallResult } from "../../../src/gen/lyceum/v1/realtime.js";
import type { Json } from "../../resilience/person.js";
import type { Client, Connect, Connection } from "./client.js";
import { type ClientFrames, type Answer, readAnswer } from "./frames.js";

const openMs = 3_000;
/** A call whose answer does not come for so long is repeated over HTTP. */
const callMs = 2_000;
const waitSeconds = 2;
const messageOf = "type.googleapis.com/lyceum.v1.SendMessageRequest";

/** Opens a web socket. */
export function socketIn(frames: ClientFrames): Connect {
  return async (client, url) => {
    const webSocket = new WebSocket(`${url.replace("http", "ws")}/v1/realtime`, [frames.protocol], {
      headers: { authorization: `Bearer ${client.person.token}` },
      handshakeTimeout: openMs,
      perMessageDeflate: false,
    });
    const calls = new Map<string, (result: CallResult | undefined) => void>();
    const { replica } = client;
    let [turn, isOpen] = [0, false];
    const send = (frame: Parameters<ClientFrames["write"]>[0]): void =>
      webSocket.send(frames.write(frame), { binary: frames.protocol === "lyceum.v1.protobuf" });
    const subscribe = (topics: { topic: string; pts: number | undefined }[]): void =>
      send({ subscribe: { id: `s${(turn += 1)}`, topics } });
    webSocket.on("error", (error) => client.closed(error.message.slice(0, 60)));
    const ended = new Promise<void>((resolve) =>
      webSocket.on("close", (code) => {
        client.closed(String(code));
        for (const settle of calls.values()) settle(undefined);
        resolve();
      }),
    );
    webSocket.on("message", (data) => {
      const frame = frames.read(data as Buffer);
      if (frame.welcome) {
        isOpen = true;
        subscribe(replica.positions());
      } else if (frame.subscribed) {
        frame.subscribed.topics.forEach((start) => replica.start(start));
        frame.subscribed.missing.forEach((topic) => replica.end(topic));
      } else if (frame.updates) frame.updates.updates.forEach((update) => replica.take(update));
      else if (frame.topics_ended) frame.topics_ended.topics.forEach((topic) => replica.end(topic));
      else if (frame.result) calls.get(frame.result.id)?.(frame.result);
      else if (frame.refused) {
        client.closed(`refused ${frame.refused.problem?.["reason" as never] ?? frame.refused.id}`);
        webSocket.terminate();
      }
    });
    return {
      ended,
      want: () => {
        if (isOpen && webSocket.readyState === WebSocket.OPEN)
          subscribe(Array.from(replica.wanted, (topic) => ({ topic, pts: undefined })));
      },
      close: () => webSocket.terminate(),
      pause: (isPaused) => (isPaused ? webSocket.pause() : webSocket.resume()),
      send: async (chatId, text, key) => {
        if (webSocket.readyState !== WebSocket.OPEN) throw new Error("the socket is not open");
        const id = `c${(turn += 1)}`;
        const call = {
          id,
          method: "SendMessage",
          request: { "@type": messageOf, chat_id: chatId, text },
          idempotency_key: key,
        };
        const result = await new Promise<CallResult | undefined>((resolve) => {
          calls.set(id, resolve);
          setTimeout(resolve, callMs, undefined).unref();
          send({ call } as never);
        });
        calls.delete(id);
        if (!result) throw new Error("the answer is lost");
        return { status: result.status, body: (result.response ?? result.problem) as Json };
      },
    } satisfies Connection;
  };
}

/** Asks again and again for the updates after the last ones. */
export const longPoll: Connect = async (client) => {
  let [isClosed, isPaused] = [false, false];
  const ended = (async () => {
    while (!isClosed) {
      const query = queryOf(client);
      query.set("wait_seconds", String(waitSeconds));
      const { status, text } = await get(client, `/v1/updates?${query.toString()}`);
      for (; isPaused && !isClosed;) await delay(20);
      if (status === 200 && !isClosed) apply(client, readAnswer(text));
      else await delay(50);
      if (status === 400) throw new Error(text.slice(0, 60));
    }
  })().catch((error: unknown) => client.closed(String(error).slice(0, 80)));
  return {
    ended,
    want: () => undefined,
    close: () => void (isClosed = true),
    pause: (paused) => void (isPaused = paused),
  };
};

/** Reads the stream of events, and goes on with the id of the last whole one. */
export const eventStream: Connect = async (client, url) => {
  const query = queryOf(client);
  query.delete("cursor");
  const headers = {
    authorization: `Bearer ${client.person.token}`,
    ...(client.cursor !== "" && { "last-event-id": client.cursor }),
  };
  const sent = request(`${url}/v1/updates/stream?${query.toString()}`, { headers, agent: false });
  let isClosed = false;
  const incoming = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    sent.on("error", reject).on("response", resolve).end();
    setTimeout(() => reject(new Error("the stream does not begin")), openMs).unref();
  }).catch((error: unknown) => {
    sent.destroy();
    throw error;
  });
  if (incoming.statusCode !== 200) {
    sent.destroy();
    throw new Error(`the stream is answered with ${incoming.statusCode}`);
  }
  let text = "";
  incoming.setEncoding("utf8").on("data", (part: string) => {
    const events = (text + part).split("\n\n");
    text = events.pop()!;
    for (const event of events) if (!isClosed) takeEvent(client, event);
  });
  incoming.on("error", () => undefined);
  return {
    ended: new Promise((resolve) => {
      incoming.on("close", () => {
        client.closed("stream");
        resolve();
      });
    }),
    // The topics are those of the request.
    want: () => sent.destroy(),
    close: () => {
      isClosed = true;
      sent.destroy();
    },
    pause: (isPaused) => (isPaused ? incoming.pause() : incoming.resume()),
  };
};

function takeEvent(client: Client, event: string): void {
  const lines = event.split("\n").map((line) => /^(\w*): ?(.*)$/.exec(line));
  const of = (name: string): string | undefined => lines.find((line) => line?.[1] === name)?.[2];
  if (of("event") === "problem") return client.closed(of("data")!.slice(0, 80));
  if (of("data") !== undefined) apply(client, readAnswer(of("data")!));
}

function apply(client: Client, { topics, updates, missing, cursor }: Answer): void {
  topics.forEach((start) => client.replica.start(start));
  updates.forEach((update) => client.replica.take(update));
  missing.forEach((topic) => client.replica.end(topic));
  client.cursor = cursor;
}

function queryOf({ replica, cursor }: Client): URLSearchParams {
  const query = new URLSearchParams();
  for (const topic of replica.wanted) query.append("topics", topic);
  if (cursor !== "") query.set("cursor", cursor);
  return query;
}

/** One request; status 0 when its answer is lost. */
function get(client: Client, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const sent = request(client.anyUrl() + path, {
      headers: { authorization: `Bearer ${client.person.token}`, accept: "application/json" },
      agent: false,
      timeout: 1_000 * (waitSeconds + 6),
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve({ status: 0, text: "" }));
    sent.on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (part: string) => (text += part));
      incoming.on("error", () => resolve({ status: 0, text: "" }));
      incoming.on("end", () => resolve({ status: incoming.complete ? (incoming.statusCode ?? 0) : 0, text }));
    });
    sent.end();
  });
}
