// The feed of a process: every new update of the topics that somebody here listens to, soon after its commit in whichever process.
import type { Logger } from "pino";
import type { DatabaseServer } from "../../database/database.js";
import type { Signals } from "../../signals/signals.js";
import type { StoredUpdate } from "../consumer.js";
import { FeedReader, type FeedReaderOptions } from "./feed-reader.js";
import { FeedSignals } from "./feed-signals.js";
import { listNewestPts } from "./feed-store.js";
import { type FeedListener, type FeedSubscription, JoinedTopics } from "./joined-topics.js";

export type { FeedListener, FeedSubscription } from "./joined-topics.js";

export interface FeedOptions extends FeedReaderOptions {
  readonly server: Pick<DatabaseServer, "database" | "onInserted">;
  readonly log: Logger;
  /** Of other processes. What is lost of them costs time, and no update. */
  readonly signals: Signals;
  /** How often it reads when nothing tells it to, in milliseconds; 1,000 by default. */
  readonly pollMs?: number;
}

export interface Feed {
  /**
   * Calls `listener` with every update of a topic that is committed from now on; with some from before too. So whoever joins first and
   * then reads the updates of the topic from the primary's table has all of them, some twice, and drops by pts what it has.
   */
  join(topic: string, listener: FeedListener): FeedSubscription;
  /**
   * The pts of the newest update of each topic, 0 for one without any: of topics that are joined here from memory, as far as they were
   * delivered, once it is known. Rejects as the database does.
   */
  newestPts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Calls no listener any more; resolves when nothing is read any more. */
  close(): Promise<void>;
}

/** The least time from the beginning of one reading to that of the next, in milliseconds. */
const restMs = 5;

/** Opens the feed of this process. Rejects as the database does. It does not keep the process alive. */
export async function openFeed({ server, log, signals, pollMs = 1_000, ...options }: FeedOptions): Promise<Feed> {
  const database = server.database.with(log);
  const topics = new JoinedTopics(log);
  const reader = await FeedReader.open(database, options);
  let hasCommits = false;
  let isPollDue = false;
  let isAsked = false;
  let isPlanned = false;
  let isClosed = false;
  let isFailing = false;
  let begunAt = -Infinity;
  let reading: Promise<void> | undefined;

  const others = new FeedSignals(signals, (topic, pts) => {
    if (topics.lacks(topic, pts)) ask();
  });
  const endInserted = server.onInserted("updates", () => {
    hasCommits = true;
    ask();
  });
  const poll = setInterval(() => {
    if (!hasCommits) others.forget();
    isPollDue = true;
    ask();
  }, pollMs).unref();

  /** Reads soon: at once when nothing was read lately, and once for all who ask meanwhile. */
  function ask(): void {
    isAsked = true;
    if (isPlanned || isClosed || reading) return;
    isPlanned = true;
    const wait = begunAt + restMs - performance.now();
    if (wait > 0) setTimeout(begin, wait);
    else setImmediate(begin);
  }

  function begin(): void {
    isPlanned = isAsked = false;
    if (isClosed) return;
    begunAt = performance.now();
    reading = read().finally(() => {
      reading = undefined;
      if (isAsked) ask();
    });
  }

  function take(updates: readonly StoredUpdate[]): void {
    if (isClosed) return;
    topics.deliver(updates);
    others.keep(updates);
  }

  async function read(): Promise<void> {
    const [isOwn, isPoll] = [hasCommits, isPollDue];
    hasCommits = isPollDue = false;
    try {
      // What this process has written is read even when nobody here listens: the others are told of it.
      await reader.read({ isWanted: () => isOwn || !topics.isEmpty, take, skip: () => topics.reset() }, isPoll);
      if (isOwn) others.tell();
      if (isFailing) log.info("updates are read again");
      isFailing = false;
    } catch (error) {
      hasCommits ||= isOwn;
      if (!isFailing) log.warn({ err: error }, "updates could not be read; this is repeated");
      isFailing = true;
    }
  }

  return {
    join: (topic, listener) => topics.join(topic, listener),
    async newestPts(asked) {
      const found = new Map<string, number>();
      const unknown: string[] = [];
      for (const topic of asked) {
        const pts = topics.newestPts(topic);
        if (pts === undefined) unknown.push(topic);
        else found.set(topic, pts);
      }
      if (unknown.length === 0) return found;
      const rows = new Map((await listNewestPts(database, unknown)).map(({ topic, pts }) => [topic, pts]));
      for (const topic of unknown) {
        const pts = rows.get(topic) ?? 0;
        topics.keepNewestPts(topic, pts);
        found.set(topic, topics.newestPts(topic) ?? pts);
      }
      return found;
    },
    async close() {
      isClosed = true;
      clearInterval(poll);
      endInserted();
      others.close();
      await reading;
    },
  };
}
