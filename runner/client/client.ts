// A client of any contract that is written in .proto with google.api.http routes: encodes a request, sends it, decodes the
// answer. It knows the descriptors and HTTP, and nothing of the server.
import { fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import type { Descriptors, Rpc } from "./descriptors.js";
import { codecOf, decode, encode, mediaTypes, type CodecName, type Plain } from "./encoding.js";
import { content, curl, exchange, type RawAnswer, type RawRequest } from "./exchange.js";

/** The serialization of the request and the one that is asked for. */
export interface Pair {
  readonly request: CodecName;
  readonly response: CodecName;
}

export interface CallOptions {
  readonly pair: Pair;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Further headers; they stand in the place of the client's own of the same name, undefined takes that away. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** In the place of the path that the request gives. */
  readonly path?: string | undefined;
  /** In the place of the query that the request gives; without "?". */
  readonly query?: string | undefined;
  /** In the place of the route's verb. */
  readonly verb?: string | undefined;
  /** In the place of the body that the request gives. */
  readonly body?: Buffer | undefined;
  /** The answer may be in any serialization, whatever the pair says. */
  readonly isAnyAnswer?: boolean;
}

/** A decoded answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The response message, or from 400 on the Problem; empty when there is no body. */
  readonly body: Plain;
  /** The serialization of the answer; undefined when there is no body. */
  readonly codec: CodecName | undefined;
  /** The request as a line for a shell. */
  readonly curl: string;
}

/** An answer to a call, with the serializations that it was made in. */
export interface Called extends Answer {
  readonly pair: Pair;
}

/** One exchange. */
export interface Seen {
  readonly request: RawRequest;
  readonly answer: RawAnswer;
  /** The body of the answer, where there is one: without its content coding, and as a message. */
  readonly read: { readonly content: Buffer; readonly message: Plain } | undefined;
}

/** A call that succeeded. */
export interface Success {
  readonly rpc: Rpc;
  readonly request: Plain;
  readonly answer: Answer;
  readonly token: string | undefined;
}

/** Who looks on. */
export interface Onlooker {
  /** What is wrong with an answer whatever was asked; one line each. */
  faultsOf?(seen: Seen): Promise<readonly string[]>;
  /** Told of each call that succeeded, with the message that was sent. */
  succeeded?(call: Success): void;
  /** Told of each message that was read, before anybody looks at it. */
  heard?(request: RawRequest, message: Plain): void;
  /** The request as people may see it: without secrets. The answer to one whose body is another is not shown. */
  masked?(request: RawRequest): RawRequest;
}

/** An answer that is not as the contract says, whatever was asked. */
export class UnreadableAnswer extends Error {
  constructor(
    why: string,
    readonly curl: string,
    { status, headers }: RawAnswer,
    shown: string,
  ) {
    const type = headers["content-type"] ?? "no Content-Type";
    super(`${why} (status ${status}, ${type}): ${shown.slice(0, 400)}`);
  }
}

export class Client {
  constructor(
    readonly url: string,
    readonly descriptors: Descriptors,
    private readonly onlooker: Onlooker = {},
  ) {}

  /** The same client, whose successful calls somebody hears of. */
  watchedBy(succeeded: (call: Success) => void): Client {
    return new Client(this.url, this.descriptors, { ...this.onlooker, succeeded });
  }

  /** The method of that name. Throws when the contract has none. */
  rpc(name: string): Rpc {
    const rpc = this.descriptors.rpcs.get(name);
    if (!rpc) throw new Error(`The contract has no method ${name}`);
    return rpc;
  }

  /**
   * Calls a method. Rejects with UnreadableAnswer when the answer is not in the serialization that was asked for, is not
   * the message that the contract names, or has a fault that an onlooker sees.
   */
  async call(name: string, request: Plain, options: CallOptions): Promise<Called> {
    const rpc = this.rpc(name);
    const asked = options.isAnyAnswer ? undefined : options.pair.response;
    const answer = await this.send(rpc, this.request(rpc, request, options), asked);
    if (answer.status < 300 && (options.verb ?? rpc.verb) === rpc.verb)
      this.onlooker.succeeded?.({ rpc, request, answer, token: options.token });
    return { ...answer, pair: options.pair };
  }

  /**
   * Sends a request as it is. Rejects with UnreadableAnswer as `call` does; where no serialization is named, the answer
   * may be in any of them.
   */
  async send(rpc: Rpc | undefined, raw: RawRequest, asked?: CodecName): Promise<Answer> {
    const seen = this.onlooker.masked?.(raw) ?? raw;
    const isSecret = seen.body !== raw.body;
    const line = curl(this.url, seen);
    const answer = await exchange(this.url, raw);
    const { status, headers } = answer;
    let read: Seen["read"];
    const unreadable = (why: string): UnreadableAnswer => {
      const shown = read ? JSON.stringify(read.message) : answer.body.toString("utf8");
      return new UnreadableAnswer(why, line, answer, isSecret ? "it answers a secret, and is not shown" : shown);
    };
    const codec = codecOf(headers["content-type"]);
    if (!hasNoBody(raw, answer)) {
      if (asked !== undefined && codec !== asked)
        throw unreadable(`asked for ${asked} and got ${codec ?? "something else"}`);
      if (!codec) throw unreadable("the answer is in none of the serializations");
      const type = status >= 400 ? this.descriptors.problem : rpc?.response;
      if (!type) throw unreadable("nothing of the contract is known to be there");
      try {
        const bytes = await content(answer);
        read = { content: bytes, message: decode(this.descriptors.registry, type, bytes, codec) };
      } catch (error) {
        throw unreadable(isSecret ? `it cannot be read as ${type.typeName}` : (error as Error).message);
      }
      this.onlooker.heard?.(raw, read.message);
    } else if (raw.verb !== "HEAD" && answer.body.length > 0) throw unreadable(`${status} has a body`);
    const faults = (await this.onlooker.faultsOf?.({ request: raw, answer, read })) ?? [];
    if (faults.length > 0) throw unreadable(faults.join("; "));
    const body = read?.message ?? {};
    return { status, headers, body, codec, curl: line };
  }

  /** The request of a method as it goes over the wire. Throws when `request` is not the method's message. */
  request(rpc: Rpc, request: Plain, options: CallOptions): RawRequest {
    const { pair, token } = options;
    const own: Record<string, string | undefined> = { accept: mediaTypes[pair.response] };
    if (rpc.hasBody) own["content-type"] = mediaTypes[pair.request];
    if (token !== undefined) own["authorization"] = `Bearer ${token}`;
    for (const [header, value] of Object.entries(options.headers ?? {})) own[header.toLowerCase()] = value;
    const body = options.body ?? (rpc.hasBody ? this.body(rpc, request, pair.request) : undefined);
    const query = options.query ?? (rpc.hasBody ? "" : this.query(rpc, request, pair.request));
    return {
      verb: options.verb ?? rpc.verb,
      path: (options.path ?? this.path(rpc, request)) + (query && `?${query}`),
      headers: Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      ...(body && { body }),
    };
  }

  /** The path of a request. */
  path(rpc: Rpc, request: Plain): string {
    return rpc.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(request[field] ?? 0)));
  }

  /** The body of a request: what its path does not say. */
  body(rpc: Rpc, request: Plain, codec: CodecName): Buffer {
    return encode(this.descriptors.registry, rpc.request, withoutPath(rpc, request), codec);
  }

  /**
   * The query of a request, without "?": what its path does not say. protojson callers write lowerCamelCase, the others
   * the names of the .proto file.
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
      // What a case sends on purpose, be it the default, goes over the wire: toJson leaves defaults out.
      const value = json[key] ?? rest[field.name];
      if (value === undefined) continue;
      for (const item of [value].flat()) search.append(key, String(item));
    }
    return search.toString();
  }
}

/** A request without the fields that its path says. */
export function withoutPath(rpc: Rpc, request: Plain): Plain {
  return Object.fromEntries(Object.entries(request).filter(([field]) => !rpc.pathFields.includes(field)));
}

function hasNoBody({ verb }: RawRequest, { status, body }: RawAnswer): boolean {
  return verb === "HEAD" || status === 204 || status === 304 || (verb === "OPTIONS" && body.length === 0);
}
