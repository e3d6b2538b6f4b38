// One open socket: reads its frames in order, and sends what happens, the results of its calls and the heartbeats.
import type { WebSocket } from "ws";
import { randomUUID } from "node:crypto";
import type { Caller } from "../../call.js";
import type { Contract } from "../../contract/model/load.js";
import { toProblem } from "../../contract/problems.js";
import { ApiError } from "../../errors.js";
import type { ClientFrame, ServerFrame, Subscribe, TopicStart, Update } from "../../gen/lyceum/v1/realtime.js";
import { Follower, type Sink } from "../../realtime/follower.js";
import type { Hub } from "../../realtime/hub.js";
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
/** Calls of one socket that run at the same time; no more is read meanwhile. */
const mostCalls = 32;
/** So many frames that cannot be read are answered. */
const mostUnreadable = 10;
/** How long a client has to answer that the socket is closed, in milliseconds. */
const closeMs = 2_000;
export const heartbeatSeconds = 30;

export class LiveSocket implements Sink {
  readonly caller: Caller;
  /** performance.now() when something was heard last. */
  heardAt = performance.now();
  readonly #follower: Follower;
  readonly #outbox: Outbox;
  readonly #reported = new Map<string, number>();
  #calls = 0;
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
    webSocket.on("pong", () => (this.heardAt = performance.now()));
    // What the client did wrong is told by the code with which ws closes.
    webSocket.on("error", () => undefined);
    webSocket.on("close", () => this.#end());
    this.#send({ welcome: { user_id: caller.id, heartbeat_seconds: heartbeatSeconds } });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws, or rejects, when the caller may not stay. */
  requireLive(): unknown {
    return this.opened.scope.requireLive();
  }

  /** Closes with a code. What is held is not sent. */
  close(code: CloseCode, reason: string): void {
    if (this.#isOver) return;
    this.#end();
    const { webSocket } = this.opened;
    webSocket.close(code, reason);
    setTimeout(() => webSocket.terminate(), closeMs).unref();
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
    const changed = [...newest].filter(([topic, pts]) => this.#reported.get(topic) !== pts);
    for (const [topic, pts] of changed) this.#reported.set(topic, pts);
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
    this.#outbox.clear();
    this.deps.onClosed(this);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    this.heardAt = performance.now();
    const { frames } = this.opened;
    if (isBinary !== frames.isBinary)
      return this.close(closeCodes.unsupportedData, isBinary ? "this socket takes text" : "this socket takes bytes");
    let frame: ClientFrame;
    if (!this.deps.admitFrame(this.caller.id)) return this.close(closeCodes.policyViolation, "too many frames");
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
    if (frame.unsubscribe) return void this.#follower.leave(frame.unsubscribe.topics).catch(() => undefined);
    if (frame.call) return void this.#call(frame.call);
    if (frame.ping) return this.#answerPing();
    throw new ApiError("MALFORMED_REQUEST", "The frame holds nothing that this server knows");
  }

  #subscribe({ id, topics }: Subscribe): void {
    if (this.#follower.size + topics.length > mostTopics)
      throw new ApiError("RATE_LIMITED", `A socket follows at most ${mostTopics} topics`, { retryAfterSeconds: 1 });
    const positions = topics.map(({ topic, pts }) => ({ topic, pts }));
    this.#follower
      .follow(id, positions.length > 0 ? positions : undefined, mostOwn)
      .catch((error: unknown) => this.#refuse(id, error));
  }

  async #call(asked: NonNullable<ClientFrame["call"]>): Promise<void> {
    const { webSocket, scope } = this.opened;
    this.#calls += 1;
    if (this.#calls === mostCalls) webSocket.pause();
    const result = await this.deps.runCall(scope, this.caller, asked);
    if (this.#calls === mostCalls) webSocket.resume();
    this.#calls -= 1;
    if (result) this.#send({ result });
  }

  #answerPing(): void {
    const topics = this.#follower.positions().map(([topic]) => topic);
    this.deps.hub
      .newestStored(topics)
      .then((newest) => this.#send({ heartbeat: { topics: newest.map(({ topic, pts }) => ({ topic, pts })) } }))
      .catch((error: unknown) => this.#refuse("", error));
  }

  #refuse(id: string, error: unknown): void {
    const problem = toProblem(this.deps.contract, this.deps.explain(error), "/v1/realtime", randomUUID());
    this.#send({ refused: { id, problem } });
  }
}
