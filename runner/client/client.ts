// A client of any contract in .proto files with google.api.http routes: encodes a request, sends it, decodes the answer.
// It knows the descriptors and HTTP, and nothing of the server.
import { fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import type { Descriptors, Rpc } from "./descriptors.js";
import { codecOf, decode, encode, mediaTypes, type CodecName, type Plain } from "./encoding.js";
import { content, curl, exchange, type RawAnswer, type RawRequest } from "./exchange.js";
import { contentOf, readContent } from "./http-body.js";

/** The serialization of the request, and the one that the client accepts in the answer. */
export interface Pair {
  readonly request: CodecName;
  readonly response: CodecName;
  /** Whether what can be called over a socket is. */
  readonly isOverSocket?: boolean;
}

export interface CallOptions {
  readonly pair: Pair;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Further headers; one replaces the client's own header of the same name, undefined removes it. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Replaces the path of the request. */
  readonly path?: string | undefined;
  /** Replaces the query of the request; without "?". */
  readonly query?: string | undefined;
  /** Replaces the verb of the route. */
  readonly verb?: string | undefined;
  /** Replaces the body of the request. */
  readonly body?: Buffer | undefined;
  /** The body is held back until the server asks for it with 100 (Continue). */
  readonly isBodyHeld?: boolean;
  /** Whether the answer may be in any serialization, whatever the pair is. */
  readonly isAnyAnswer?: boolean;
}

/** A decoded answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The response message, or the Problem of a status from 400 on; empty when there is no body. */
  readonly body: Plain;
  /** The serialization of the answer; undefined when there is no body. */
  readonly codec: CodecName | undefined;
  /** The bytes of its body, without a content coding. */
  readonly size?: number | undefined;
  /** Whether 100 (Continue) came before it. */
  readonly isContinued?: boolean | undefined;
  /** The request as a command line of curl. */
  readonly curl: string;
}

/** The answer to a call, with the serializations of the call. */
export interface Called extends Answer {
  readonly pair: Pair;
}

/** One exchange. */
export interface Exchange {
  readonly request: RawRequest;
  readonly answer: RawAnswer;
  /** The body of the answer, if any: without its content coding, and as a message. */
  readonly read?: { readonly content: Buffer; readonly message: Plain } | undefined;
}

/** A call that succeeded. */
export interface Success {
  readonly rpc: Rpc;
  readonly request: Plain;
  readonly answer: Answer;
  readonly token: string | undefined;
}

/** The result of a call over a socket. */
export interface SocketResult {
  readonly rpc: Rpc;
  readonly request: Plain;
  readonly status: number;
  /** The response or the Problem; undefined where there is none. */
  readonly message: Plain | undefined;
  readonly location: string;
  readonly etag: string;
  readonly isReplayed: boolean;
}

/** Functions that the client calls for each exchange. */
export interface ClientHooks {
  /** Returns the faults of an answer, one line each. */
  faultsOf?(exchange: Exchange): Promise<readonly string[]>;
  /** Receives each call that succeeded. */
  onSuccess?(call: Success): void;
  /** Receives each decoded message, before it is checked. */
  onMessage?(request: RawRequest, message: Plain): void;
  /** Returns the faults of the result of a call over a socket, one line each. */
  faultsOfResult?(call: SocketResult): readonly string[];
  /** Returns the request without secrets. The answer to a request whose body was changed is not shown. */
  masked?(request: RawRequest): RawRequest;
}

/** An answer that breaks the contract. */
export class UnreadableAnswer extends Error {
  readonly status: number;

  constructor(
    why: string,
    readonly curl: string,
    { status, headers }: RawAnswer,
    shown: string,
  ) {
    const type = headers["content-type"] ?? "no Content-Type";
    super(`status ${status}, ${type}: ${why}: ${shown.slice(0, 400)}`);
    this.status = status;
  }
}

export class Client {
  constructor(
    readonly url: string,
    readonly descriptors: Descriptors,
    readonly hooks: ClientHooks = {},
  ) {}

  /** The same client, which passes its successful calls to `onSuccess`. */
  withSuccessHook(onSuccess: (call: Success) => void): Client {
    return new Client(this.url, this.descriptors, { ...this.hooks, onSuccess });
  }

  /** The method of that name. Throws when the contract has no such method. */
  rpc(name: string): Rpc {
    const rpc = this.descriptors.rpcs.get(name);
    if (!rpc) throw new Error(`The contract has no method ${name}`);
    return rpc;
  }

  /**
   * Calls a method. Rejects with UnreadableAnswer when the answer is not in the accepted serialization, is not the message
   * that the contract declares, or has a fault that a hook returns.
   */
  async call(name: string, request: Plain, options: CallOptions): Promise<Called> {
    const rpc = this.rpc(name);
    const asked = options.isAnyAnswer ? undefined : options.pair.response;
    const answer = await this.send(rpc, this.request(rpc, request, options), asked);
    if (answer.status < 300 && (options.verb ?? rpc.verb) === rpc.verb)
      this.hooks.onSuccess?.({ rpc, request, answer, token: options.token });
    return { ...answer, pair: options.pair };
  }

  /**
   * Sends a request unchanged. Rejects with UnreadableAnswer as `call` does; without `asked`, the answer may be in any
   * serialization.
   */
  async send(rpc: Rpc | undefined, raw: RawRequest, asked?: CodecName): Promise<Answer> {
    return this.receive(rpc, raw, await exchange(this.url, raw), asked);
  }

  /** Reads the answer to a request. Rejects as `send` does. */
  async receive(rpc: Rpc | undefined, raw: RawRequest, answer: RawAnswer, asked?: CodecName): Promise<Answer> {
    const shownRequest = this.hooks.masked?.(raw) ?? raw;
    const isSecret = shownRequest.body !== raw.body;
    const line = curl(this.url, shownRequest);
    const { status, headers } = answer;
    let read: Exchange["read"];
    const unreadable = (why: string): UnreadableAnswer => {
      const text = read ? JSON.stringify(read.message) : answer.body.toString("utf8");
      return new UnreadableAnswer(why, line, answer, isSecret ? "not shown, since the request has a secret" : text);
    };
    const codec = codecOf(headers["content-type"]);
    if (!hasNoBody(raw, answer) && rpc && rpc.produces.length > 0 && status < 400) {
      try {
        read = readContent(this.descriptors.registry, rpc, answer);
      } catch (error) {
        throw unreadable((error as Error).message);
      }
    } else if (!hasNoBody(raw, answer)) {
      if (asked !== undefined && codec !== asked)
        throw unreadable(`expected ${asked}, got ${codec ?? "another media type"}`);
      if (!codec) throw unreadable("the answer is in no known serialization");
      const type = status >= 400 ? this.descriptors.problem : rpc?.response;
      if (!type) throw unreadable("the contract has no method at this path");
      try {
        const bytes = await content(answer);
        read = { content: bytes, message: decode(this.descriptors.registry, type, bytes, codec) };
      } catch (error) {
        throw unreadable(isSecret ? `it is not a ${type.typeName}` : (error as Error).message);
      }
      this.hooks.onMessage?.(raw, read.message);
    } else if (raw.verb !== "HEAD" && answer.body.length > 0) throw unreadable(`${status} has a body`);
    const faults = (await this.hooks.faultsOf?.({ request: raw, answer, read })) ?? [];
    if (faults.length > 0) throw unreadable(faults.join("; "));
    const body = read?.message ?? {};
    return { status, headers, body, codec, size: read?.content.length, isContinued: answer.isContinued, curl: line };
  }

  /** The HTTP request of a call. Throws when `request` is not a message of the method. */
  request(rpc: Rpc, request: Plain, options: CallOptions): RawRequest {
    const { pair, token } = options;
    // Errors are in a serialization, whatever the answer is.
    const own: Record<string, string | undefined> = { accept: [...rpc.produces, mediaTypes[pair.response]].join(", ") };
    const upload = contentOf(rpc, request);
    if (rpc.hasBody) own["content-type"] = mediaTypes[pair.request];
    if (upload) own["content-type"] = upload.contentType;
    if (token !== undefined) own["authorization"] = `Bearer ${token}`;
    for (const [header, value] of Object.entries(options.headers ?? {})) own[header.toLowerCase()] = value;
    const body = options.body ?? (rpc.hasBody ? this.body(rpc, request, pair.request) : upload?.data);
    const query = options.query ?? (rpc.hasBody ? "" : this.query(rpc, request, pair.request));
    return {
      verb: options.verb ?? rpc.verb,
      path: (options.path ?? this.path(rpc, request)) + (query && `?${query}`),
      headers: Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      ...(body && { body }),
      ...(options.isBodyHeld && { isBodyHeld: true }),
    };
  }

  /** The path of a request. */
  path(rpc: Rpc, request: Plain): string {
    return rpc.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(request[field] ?? 0)));
  }

  /** The body of a request: all fields that are not in its path. */
  body(rpc: Rpc, request: Plain, codec: CodecName): Buffer {
    return encode(this.descriptors.registry, rpc.request, withoutPath(rpc, request), codec);
  }

  /**
   * The query of a request, without "?": all fields that are not in its path. In protojson its keys are in lowerCamelCase,
   * else they are the names of the .proto file.
   */
  query(rpc: Rpc, request: Plain, codec: CodecName): string {
    const { registry } = this.descriptors;
    const useProtoFieldName = codec !== "protojson";
    const rest = withoutPath(rpc, request);
    const message = fromJson(rpc.request, rest as JsonValue, { registry });
    const json = toJson(rpc.request, message, { registry, useProtoFieldName }) as Plain;
    const search = new URLSearchParams();
    for (const field of rpc.request.fields) {
      const key = useProtoFieldName ? field.name : field.jsonName;
      // toJson omits defaults; a default that a case sends explicitly is sent.
      const value = json[key] ?? rest[field.name];
      if (value === undefined) continue;
      for (const item of [value].flat()) search.append(key, String(item));
    }
    return search.toString();
  }
}

/** A request without its path parameters, and without a body that is no message; nothing of one that is a form. */
export function withoutPath(rpc: Rpc, request: Plain): Plain {
  const { pathFields, bodyField, isForm } = rpc;
  if (isForm) return {};
  return Object.fromEntries(
    Object.entries(request).filter(([field]) => !pathFields.includes(field) && field !== bodyField),
  );
}

function hasNoBody({ verb }: RawRequest, { status, body }: RawAnswer): boolean {
  return verb === "HEAD" || status === 204 || status === 304 || (verb === "OPTIONS" && body.length === 0);
}
