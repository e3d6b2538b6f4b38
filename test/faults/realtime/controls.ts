// Controls: each breaks one rule of the servers on purpose, and the audit must find it. Otherwise it would prove nothing.
import type { Mutation } from "../site.js";

export interface RealtimeControl {
  readonly name: string;
  /** The kind of fault that is played, unless others are chosen. */
  readonly kind: string;
  /** The beginning of the sentence about the broken promise. */
  readonly finds: string;
  readonly mutations: readonly Mutation[];
  /** The share of its signals that each server loses, in place of the usual ones. */
  readonly losses?: readonly number[];
}

export const realtimeControls: readonly RealtimeControl[] = [
  {
    // The difference is read, and then the feed is joined.
    name: "read-before-join",
    kind: "cut",
    finds: "missed: ",
    mutations: [
      {
        file: "realtime/follower",
        find: "this.hub.join(topic, this);",
        replace: "",
      },
      {
        file: "realtime/follower",
        find: "await this.#begin(id, positions);",
        replace: `await this.#begin(id, positions);
            await delay(250);
            for (const { topic } of positions) if (this.#topics.has(topic)) this.hub.join(topic, this);`,
      },
    ],
  },
  {
    // What has come while the difference was read is passed on as it is, without a look at the pts.
    name: "no-dedup",
    kind: "cut",
    finds: "doubled: ",
    mutations: [
      {
        file: "realtime/follower",
        find: "const fresh = batch.after(followed.last);",
        replace: "const fresh = batch; followed.last = batch.first - 1;",
      },
    ],
  },
  {
    // Signals alone tell a server to read, and they are lost.
    name: "signals-only",
    kind: "cut",
    finds: "missed: ",
    mutations: [
      { file: "platform/updates/feed/feed", find: "pollMs = 1_000", replace: "pollMs = 2_000_000_000" },
      // Steps that may insert updates would have the feed read every two seconds.
      { file: "server", find: "const promptMs = 2_000", replace: "const promptMs = 2_000_000_000" },
    ],
    losses: [1, 1, 1],
  },
  {
    // The right to a chat is asked when it is followed, and not again.
    name: "no-rights",
    kind: "cut",
    finds: "leaked: ",
    mutations: [
      {
        file: "realtime/topics",
        find: 'topic.startsWith("chat:") || topic.startsWith("group:")',
        replace: 'topic.startsWith("group:")',
      },
    ],
  },
  {
    // A gap before a batch is not seen, and half of what was missed is not told.
    name: "half-a-difference",
    kind: "cut",
    finds: "missed: ",
    mutations: [
      {
        file: "realtime/follower",
        find: "followed.last < state.newest",
        replace: "false",
      },
      { file: "realtime/follower", find: "start.pts < state.newest", replace: "start.pts + 1 < state.newest" },
    ],
  },
  {
    // The answer to a call is not kept for its key.
    name: "no-idempotency",
    kind: "cut",
    finds: "lost: ",
    mutations: [
      {
        file: "policy/idempotency/idempotency",
        find: "const earlier = await findKeptAnswer(database, id);",
        replace: "return run(invocation, database); const earlier = undefined;",
      },
    ],
  },
];
