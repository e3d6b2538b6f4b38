// One open socket: reads its frames in order, and sends what happens, the results of its calls and the heartbeats.
import type { WebSocket } from "ws";
import { randomUUID } from "node:crypto";
import type { Caller } from "../../call.js";
import type { Contract } from "../../contract/model/load.js";
import { toProblem } from "../../contract/problems.js";
import { chatNotFound } from "../../chats/members/membership.js";
import { ApiError } from "../../errors.js";
import type {
  ClientFrame,
  PersonPresence,
  ServerFrame,
  Subscribe,
  TopicStart,
  Update,
} from "../../gen/lyceum/v1/realtime.js";
import { Follower, type UpdateReceiver } from "../../realtime/follower.js";
import type { Hub } from "../../realtime/hub.js";
import type { Presence, Watcher } from "../../realtime/presence/presence.js";
import type { Typing } from "../../realtime/presence/typing.js";
import type { TopicBatch } from "../../realtime/topic-batch.js";
import { hasMessages } from "../../realtime/told-update.js";
import type { RunCall } from "./calls.js";
import { type CloseCode, closeCodes } from "./close-codes.js";
import type { Frames } from "./frames.js";
import { Outbox } from "./outbox.js";
import type { RequestScopeOfSocket } from "./socket-scope.js";

/** What all sockets of a process share. */
export interface SocketDeps {
  readonly contract: Contract;
  readonly hub: Hub;
  /** Undefined where the operator has switched them off. */
  readonly presence: Presence | undefined;
  readonly typing: Typing | undefined;
  readonly runCall: RunCall;
  /** Counts a frame of a user; false when it is one too many. */
  readonly admitFrame: (userId: number) => boolean;
  /** Converts what was thrown into an error that the client may see. */
  readonly explain: (error: unknown) => ApiError;
  readonly onClosed: (socket: LiveSocket) => void;
}

export interface OpenedSocket {
  readonly webSocket: WebSocket;
  readonly scope: RequestScopeOfSocket;
  readonly caller: Caller;
  readonly frames: Frames;
}

/** All topics of a person are so many at most. */
const mostOwn = 1_000;
/** The most topics of one socket. */
const mostTopics = 5_000;
/** Calls and subscriptions of one socket that run at the same time; no more is read meanwhile. */
const mostRunning = 32;
/** So many frames that cannot be read are answered. */
const mostUnreadable = 10;
/** How long a client has to answer that the socket is closed, in milliseconds. */
export const closeMs = 2_000;
export const heartbeatSeconds = 30;

export class LiveSocket implements UpdateReceiver, Watcher {
  readonly caller: Caller;
  /** performance.now() when something was heard last. */
  heardAt = performance.now();
  readonly #follower: Follower;
  readonly #outbox: Outbox;
  /** Frames that came together with others while so much was running that nothing more is read. */
  readonly #unread: (readonly [data: Buffer, isBinary: boolean])[] = [];
  #reported: ReadonlyMap<string, number> = new Map();
  readonly #disconnected: (() => void) | undefined;
  #running = 0;
  /** How many calls run. */
  #calls = 0;
  /** Closes the socket when they are answered. */
  #onAnswered: (() => void) | undefined;
  /** How many topics are asked for and not followed yet. */
  #asked = 0;
  #unreadable = 0;
  #isOver = false;

  constructor(
    private readonly opened: OpenedSocket,
    private readonly deps: SocketDeps,
  ) {
    const { webSocket, scope, caller } = opened;
    this.caller = caller;
    this.#follower = new Follower(deps.hub, caller.id, this);
    this.#outbox = new Outbox(webSocket, scope.socket, () => this.close(closeCodes.resume, "read faster"));
    webSocket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    webSocket.on("ping", (data) => this.#hear() && this.#outbox.pong(data));
    webSocket.on("pong", () => this.#hear());
    // What the client did wrong is told by the code with which ws closes.
    webSocket.on("error", () => this.#end());
    webSocket.on("close", () => this.#end());
    this.#disconnected = deps.presence?.connected(caller.id);
    this.#send({ welcome: { user_id: caller.id, heartbeat_seconds: heartbeatSeconds } });
  }

  get userId(): number {
    return this.caller.id;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws, or rejects, when the caller may not stay. */
  requireLive(): unknown {
    return this.opened.scope.requireLive();
  }

  /**
   * Closes with a code. What is held is not sent. Where the caller may not stay, calls that run are answered before: one of them may be
   * what has ended the session.
   */
  close(code: CloseCode, reason: string): void {
    if (this.#isOver) return;
    this.#end();
    const close = (): void => this.opened.webSocket.close(code, reason);
    if (code !== closeCodes.unauthenticated || this.#calls === 0) return close();
    this.#onAnswered = close;
    setTimeout(close, closeMs).unref();
  }

  /** Tells that the server stops. */
  goAway(waitMs: number): void {
    this.#send({ go_away: { wait_ms: waitMs } });
    this.close(closeCodes.serviceRestart, "the server stops");
  }

  /** Tells the newest pts of topics in which something has happened since the last time, and asks whether the client is there. */
  async beat(): Promise<void> {
    this.opened.webSocket.ping();
    const topics = this.#follower.positions().map(([topic]) => topic);
    const newest = await this.deps.hub.newestPts(topics).catch(() => new Map<string, number>());
    if (this.#isOver) return;
    const changed = [...newest].filter(
      ([topic, pts]) => this.#follower.isFollowing(topic) && this.#reported.get(topic) !== pts,
    );
    this.#reported = newest;
    this.#send({ heartbeat: { topics: changed.map(([topic, pts]) => ({ topic, pts })) } });
  }

  started(id: string, topics: readonly TopicStart[], missing: readonly string[]): void {
    this.#send({ subscribed: { id, topics: [...topics], missing: [...missing] } });
  }

  updates(batch: TopicBatch): void {
    const { frames } = this.opened;
    const encode = (updates: readonly Update[]): Buffer => frames.write({ updates: { updates: [...updates] } });
    this.#outbox.send(batch.encoded(frames.codec, hasMessages(this.caller), encode), batch.topic);
  }

  /** The first things that are left out when the client is slow: who is writing, and who is connected. */
  typing(chat_id: number, user_id: number): void {
    if (!this.#outbox.isFull) this.#send({ typing: { chat_id, user_id } });
  }

  seen(people: readonly PersonPresence[]): void {
    if (!this.#outbox.isFull) this.#send({ presence: { people: [...people] } });
  }

  ended(topics: readonly string[]): void {
    for (const topic of topics) this.#outbox.drop(topic);
    this.#send({ topics_ended: { topics: [...topics] } });
  }

  ready(): Promise<void> {
    return this.#outbox.untilEmpty();
  }

  #send(frame: Partial<ServerFrame>): void {
    if (!this.#isOver) this.#outbox.send(this.opened.frames.write(frame));
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#follower.close();
    this.deps.presence?.unwatch(this);
    this.#disconnected?.();
    this.#outbox.clear();
    this.deps.onClosed(this);
  }

  /** Something came; false when the socket is closed, also because it was one frame too many. */
  #hear(): boolean {
    if (this.#isOver) return false;
    this.heardAt = performance.now();
    if (!this.deps.admitFrame(this.caller.id)) this.close(closeCodes.policyViolation, "too many frames");
    return !this.#isOver;
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#hear()) return;
    if (this.#running < mostRunning) this.#read(data, isBinary);
    else this.#unread.push([data, isBinary]);
  }

  /** Counts something that runs; when it is too much, reads no more until some of it is done. */
  #run(work: Promise<void>): void {
    const { webSocket } = this.opened;
    this.#running += 1;
    if (this.#running === mostRunning) webSocket.pause();
    void work.finally(() => {
      this.#running -= 1;
      while (!this.#isOver && this.#running < mostRunning && this.#unread.length > 0)
        this.#read(...this.#unread.shift()!);
      if (this.#running < mostRunning) webSocket.resume();
    });
  }

  #read(data: Buffer, isBinary: boolean): void {
    const { frames } = this.opened;
    if (isBinary !== frames.isBinary)
      return this.close(closeCodes.unsupportedData, isBinary ? "this socket takes text" : "this socket takes bytes");
    let frame: ClientFrame;
    try {
      frame = frames.read(data);
    } catch (error) {
      this.#refuse("", error);
      this.#unreadable += 1;
      if (this.#unreadable === mostUnreadable) this.close(closeCodes.invalidPayload, "frames cannot be read");
      return;
    }
    try {
      // The rules of a request are checked by its method, where they were broken by its fields.
      frames.validate(frame.call ? { ...frame, call: { ...frame.call, request: undefined } } : frame);
      this.#take(frame);
    } catch (error) {
      this.#refuse(frame.subscribe?.id ?? "", error);
    }
  }

  #take(frame: ClientFrame): void {
    if (frame.subscribe) return this.#subscribe(frame.subscribe);
    if (frame.unsubscribe) return this.#run(this.#follower.leave(frame.unsubscribe.topics).catch(() => undefined));
    if (frame.call) return this.#run(this.#call(frame.call));
    if (frame.typing) return this.#types(frame.typing.chat_id);
    if (frame.watch_presence) return this.deps.presence?.watch(this, frame.watch_presence.user_ids);
    if (frame.ping) return this.#run(this.#answerPing());
    throw new ApiError("MALFORMED_REQUEST", "The frame holds nothing that this server knows");
  }

  #subscribe({ id, topics }: Subscribe): void {
    const added = topics.filter(({ topic }) => !this.#follower.isFollowing(topic)).length;
    const asked = topics.length > 0 ? added : mostOwn;
    if (this.#follower.size + this.#asked + asked > mostTopics)
      throw new ApiError("RATE_LIMITED", `A socket follows at most ${mostTopics} topics`, { retryAfterSeconds: 1 });
    const positions = topics.map(({ topic, pts }) => ({ topic, pts }));
    this.#asked += asked;
    const following = this.#follower
      .follow(id, positions.length > 0 ? positions : undefined, mostOwn)
      .catch((error: unknown) => this.#refuse(id, error))
      .finally(() => (this.#asked -= asked));
    this.#run(following);
  }

  async #call(asked: NonNullable<ClientFrame["call"]>): Promise<void> {
    this.#calls += 1;
    const result = await this.deps.runCall(this.opened.scope, this.caller, asked);
    this.#calls -= 1;
    if (result && (!this.#isOver || this.#onAnswered)) this.#outbox.send(this.opened.frames.write({ result }));
    if (this.#calls === 0) this.#onAnswered?.();
  }

  #types(chatId: number): void {
    if (!this.#follower.isFollowing(`chat:${chatId}`)) throw chatNotFound(chatId);
    this.deps.typing?.types(chatId, this.caller.id).catch(() => undefined);
  }

  async #answerPing(): Promise<void> {
    const topics = this.#follower.positions().map(([topic]) => topic);
    try {
      const stored = await this.deps.hub.newestStored(topics);
      const newest = new Map(stored.map(({ topic, pts }) => [topic, pts]));
      const still = topics.filter((topic) => this.#follower.isFollowing(topic));
      this.#send({ heartbeat: { topics: still.map((topic) => ({ topic, pts: newest.get(topic) ?? 0 })) } });
    } catch (error) {
      this.#refuse("", error);
    }
  }

  #refuse(id: string, error: unknown): void {
    const problem = toProblem(this.deps.contract, this.deps.explain(error), "/v1/realtime", randomUUID());
    this.#send({ refused: { id, problem } });
  }
}
