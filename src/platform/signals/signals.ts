// Signals: short texts between the processes of one installation, each of which may be lost. What depends on them must be right without.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";

export interface Signals {
  /**
   * Sends a text, of at most 7,000 bytes as JSON, to all other processes that listen to a channel. Returns at once and never throws; several
   * texts are sent together.
   */
  publish(channel: string, text: string): void;
  /** Calls `listener` with each text that another process publishes on a channel. */
  listen(channel: string, listener: (text: string) => void): SignalSubscription;
  /** Resolves when what was published is sent, or a moment later. */
  close(): Promise<void>;
}

export interface SignalSubscription {
  close(): void;
}

/** What carries messages to all processes, this one too or not. */
export interface SignalTransport {
  /** The longest message, in bytes. */
  readonly longest: number;
  /** Rejects when some are lost. */
  send(messages: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens a transport, which connects by itself, now or later, and calls `receive` with what arrives. */
export type OpenTransport = (receive: (message: string) => void) => Promise<SignalTransport>;

/** The least time from the beginning of one sending to that of the next, in milliseconds. */
const restMs = 5;
/** How long one sending may take, in milliseconds. Meanwhile texts wait. */
const sendMs = 2_000;
/** When more than that waits, in bytes, it is given up. */
const most = 1_000_000;

/** Opens signals over a transport. A message is `["sender",["channel","text"], ...]`. Rejects as `open` does. */
export async function openSignalsOver(open: OpenTransport, log: Logger): Promise<Signals> {
  const sender = randomBytes(6).toString("base64url");
  const listeners = new Map<string, Set<{ readonly call: (text: string) => void }>>();
  const transport = await open(receive);
  let waiting: string[] = [];
  let waitingBytes = 0;
  let begunAt = -Infinity;
  let isPlanned = false;
  let sending: Promise<void> | undefined;

  function receive(message: string): void {
    for (const [channel, text] of textsOf(message, sender)) {
      for (const { call } of listeners.get(channel) ?? []) {
        try {
          call(text);
        } catch (error) {
          log.error({ err: error, channel }, "a listener of signals failed");
        }
      }
    }
  }

  function plan(): void {
    if (isPlanned || sending) return;
    isPlanned = true;
    const wait = begunAt + restMs - performance.now();
    if (wait > 0) setTimeout(begin, wait);
    else setImmediate(begin);
  }

  function begin(): void {
    isPlanned = false;
    begunAt = performance.now();
    const messages = packed(`"${sender}"`, waiting, transport.longest);
    [waiting, waitingBytes] = [[], 0];
    sending = inTime(transport.send(messages))
      .catch((error: unknown) => log.debug({ err: error }, "signals are lost"))
      .finally(() => {
        sending = undefined;
        if (waiting.length > 0) plan();
      });
  }

  return {
    publish(channel, text) {
      const part = JSON.stringify([channel, text]);
      const bytes = Buffer.byteLength(part);
      if (bytes > transport.longest - 100) return log.error({ channel, bytes }, "a signal is too long to be sent");
      if (waitingBytes + bytes > most) [waiting, waitingBytes] = [[], 0];
      waiting.push(part);
      waitingBytes += bytes;
      plan();
    },
    listen(channel, call) {
      const listener = { call };
      const all = listeners.get(channel) ?? new Set();
      listeners.set(channel, all.add(listener));
      return { close: () => void all.delete(listener) };
    },
    async close() {
      listeners.clear();
      for (let tries = 0; tries < 20 && (sending || isPlanned); tries += 1) await delay(restMs);
      await transport.close();
    },
  };
}

/** As few messages as can be, none longer than `longest`. */
function packed(sender: string, parts: readonly string[], longest: number): string[] {
  const messages: string[] = [];
  let message = sender;
  for (const part of parts) {
    if (message !== sender && Buffer.byteLength(message) + Buffer.byteLength(part) + 3 > longest) {
      messages.push(`[${message}]`);
      message = sender;
    }
    message += `,${part}`;
  }
  messages.push(`[${message}]`);
  return messages;
}

/** The texts of a message of another process; none of one that no process has written. */
function textsOf(message: string, ownSender: string): [channel: string, text: string][] {
  try {
    const [sender, ...texts] = JSON.parse(message) as [unknown, ...unknown[]];
    if (sender === ownSender) return [];
    return texts.filter(
      (pair): pair is [string, string] =>
        Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string"),
    );
  } catch {
    return [];
  }
}

async function inTime(sent: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it takes too long")), sendMs);
  });
  try {
    await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
  }
}
