// Idempotency-Key: a request that creates something can be sent again, and creates it once. The answer is stored in the
// transaction of the act itself, so that there is never one without the other.
import type { Caller } from "../../call.js";
import type { Invocation } from "../../contract/around.js";
import { codecs } from "../../contract/codecs/codec.js";
import { ResponseHeaders } from "../../contract/http/response-headers.js";
import type { Contract } from "../../contract/model/load.js";
import { ApiError } from "../../errors.js";
import type { Database } from "../../platform/database/database.js";
import { inOneTransaction } from "../../platform/database/one-transaction.js";
import { networkOf } from "../../platform/network-address.js";
import { readIdempotencyKey } from "./key-header.js";
import { keySecrets, type KeySecrets } from "./key-secrets.js";
import { findKeptAnswer, hasKeys, insertKeptAnswer, lockKey, type KeptAnswer } from "./store.js";

export interface IdempotencyOptions {
  readonly contract: Pick<Contract, "reasons">;
  readonly database: Database;
  /** A key of the server for this purpose alone. */
  readonly serverKey: Uint8Array;
  /** The most keys of one caller in 24 hours; 10,000 by default. */
  readonly mostKeys?: number;
}

/** Runs a handler on a database. */
export type Run = (invocation: Invocation<Caller>, database: Database) => Promise<object>;

/** Thrown out of a handler at its first change: another request with the key has been answered meanwhile. */
class Answered extends Error {
  constructor(readonly kept: KeptAnswer) {
    super("The request was answered meanwhile");
  }
}

/**
 * Runs the handlers, and those of methods with `(lyceum.v1.created)`, save of uploads that are streamed, once for each key of a caller: the same request
 * within 24 hours gets the stored answer, with `Idempotency-Replayed: true`. The caller is the user, or on public methods the
 * network of the address. Only successes are stored. Throws IDEMPOTENCY_KEY_REUSED for another request with the key,
 * IDEMPOTENCY_IN_PROGRESS while the first one runs, in any process, and RATE_LIMITED for a new key beyond `mostKeys`.
 */
export function idempotency(
  { contract, database, serverKey, mostKeys = 10_000 }: IdempotencyOptions,
  run: Run,
): (invocation: Invocation<Caller>) => Promise<object> {
  /** The keys whose requests run in this process: their twins are refused before they cost anything. */
  const running = new Set<string>();

  const isRefusal = (error: unknown): boolean =>
    error instanceof ApiError && (contract.reasons.get(error.reason)?.status ?? 500) < 500;

  async function runKeyed(invocation: Invocation<Caller>, secrets: KeySecrets): Promise<object> {
    const { id, owner } = secrets;
    const fingerprint = secrets.fingerprint(textOf(invocation));
    const replay = (kept: KeptAnswer): object => {
      if (!kept.fingerprint.equals(fingerprint)) throw reused();
      const message = codecs.protobuf.reader(invocation.method.response)(secrets.decrypt(kept.answer));
      new ResponseHeaders(invocation.ctx.state.context).add("Idempotency-Replayed", "true");
      return message;
    };
    const earlier = await findKeptAnswer(database, id);
    if (earlier) return replay(earlier);
    if (await hasKeys(database, owner, mostKeys)) throw tooMany(mostKeys);
    try {
      return await inOneTransaction(database, (joined) => run(invocation, joined), {
        async begin(queries) {
          if (!(await lockKey(queries, id))) throw inProgress();
          // Whoever had the lock has committed.
          const kept = await findKeptAnswer(queries, id);
          if (kept) throw new Answered(kept);
        },
        async end(queries, response) {
          const bytes = codecs.protobuf.writer(invocation.method.response)(response);
          await insertKeptAnswer(queries, { id, owner, fingerprint, answer: secrets.encrypt(bytes) });
        },
        // What a handler has stored before it refuses, such as a wrong try, is stored without a key as well.
        isKept: isRefusal,
      });
    } catch (error) {
      if (error instanceof Answered) return replay(error.kept);
      throw error;
    }
  }

  return async (invocation) => {
    const { ctx, method, caller } = invocation;
    const hasNoKey = method.isStreamedUpload || ctx.req.headers["idempotency-key"] === undefined;
    if (method.created === undefined || hasNoKey) return run(invocation, database);
    const key = readIdempotencyKey(ctx.req.headersDistinct)!;
    const secrets = keySecrets(serverKey, nameOf(caller, ctx.ip), key);
    const name = secrets.id.toString("latin1");
    if (running.has(name)) throw inProgress();
    running.add(name);
    try {
      return await runKeyed(invocation, secrets);
    } finally {
      running.delete(name);
    }
  };
}

/** Of somebody without a login there is the address alone. */
function nameOf({ id }: Caller, address: string): string {
  return id === 0 ? `address ${networkOf(address)}` : `user ${id}`;
}

/** The method and the message of a request, as a text that does not depend on its serialization or on the order of its keys. */
function textOf({ method, request }: Invocation<Caller>): string {
  return JSON.stringify([method.service, method.name, inOrder(request)]);
}

function inOrder(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, inOrder(member)]);
}

function reused(): ApiError {
  return new ApiError("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used before, for another request");
}

function inProgress(): ApiError {
  const detail = "A request with this Idempotency-Key is not answered yet";
  return new ApiError("IDEMPOTENCY_IN_PROGRESS", detail, { retryAfterSeconds: 1 });
}

function tooMany(most: number): ApiError {
  const detail = `You have used ${most} Idempotency-Keys in 24 hours`;
  return new ApiError("RATE_LIMITED", detail, { retryAfterSeconds: 3_600 });
}
