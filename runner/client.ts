// A client of any contract that is written in .proto with google.api.http routes: encodes a request, sends it, decodes the
// answer. It knows the descriptors and HTTP, and nothing of the server.
import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { fromJson, toJson } from "@bufbuild/protobuf";
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
  /** Further headers; they stand in the place of the client's own of the same name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In the place of the path that the request gives. */
  readonly path?: string | undefined;
  /** In the place of the query that the request gives; without "?". */
  readonly query?: string | undefined;
  /** In the place of the route's verb. */
  readonly verb?: string | undefined;
}

/** A decoded answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The response message, or from 400 on the Problem; empty when there is no body. */
  readonly body: Plain;
  /** The request as a line for a shell. */
  readonly curl: string;
}

/** An answer that cannot be read as the contract says. */
export class UnreadableAnswer extends Error {
  constructor(
    why: string,
    readonly curl: string,
    raw: RawAnswer,
  ) {
    const body = raw.body.subarray(0, 400).toString("utf8");
    super(`${why} (status ${raw.status}, ${raw.headers["content-type"] ?? "no Content-Type"}): ${body}`);
  }
}

export class Client {
  constructor(
    readonly url: string,
    readonly descriptors: Descriptors,
  ) {}

  /** The method of that name. Throws when the contract has none. */
  rpc(name: string): Rpc {
    const rpc = this.descriptors.rpcs.get(name);
    if (!rpc) throw new Error(`The contract has no method ${name}`);
    return rpc;
  }

  /**
   * Calls a method. Rejects with UnreadableAnswer when the answer is not in the serialization that was asked for, or is
   * not the message that the contract names.
   */
  async call(name: string, request: Plain, options: CallOptions): Promise<Answer> {
    const rpc = this.rpc(name);
    const raw = this.request(rpc, request, options);
    const line = curl(this.url, raw);
    const answer = await exchange(this.url, raw);
    const isProblem = answer.status >= 400;
    const body = await this.read(
      answer,
      isProblem ? this.descriptors.problem : rpc.response,
      options.pair.response,
    ).catch((error: Error) => Promise.reject(new UnreadableAnswer(error.message, line, answer)));
    return { status: answer.status, headers: answer.headers, body, curl: line };
  }

  /** The request of a method as it goes over the wire. Throws when `request` is not the method's message. */
  request(rpc: Rpc, request: Plain, options: CallOptions): RawRequest {
    const { pair, token } = options;
    const path = rpc.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(request[field] ?? 0)));
    const rest = Object.fromEntries(Object.entries(request).filter(([field]) => !rpc.pathFields.includes(field)));
    const query = options.query ?? (rpc.hasBody ? "" : this.query(rpc.request, rest, pair.request));
    const own: Record<string, string> = { accept: mediaTypes[pair.response] };
    if (rpc.hasBody) own["content-type"] = mediaTypes[pair.request];
    if (token !== undefined) own["authorization"] = `Bearer ${token}`;
    for (const [header, value] of Object.entries(options.headers ?? {})) own[header.toLowerCase()] = value;
    return {
      verb: options.verb ?? rpc.verb,
      path: (options.path ?? path) + (query && `?${query}`),
      headers: Object.entries(own),
      ...(rpc.hasBody ? { body: encode(this.descriptors.registry, rpc.request, rest, pair.request) } : {}),
    };
  }

  /** Reads an answer's body as a message of `type`, and throws when it is in another serialization than `codec`. */
  async read(answer: RawAnswer, type: DescMessage, codec: CodecName): Promise<Plain> {
    if (answer.status === 204 || answer.status === 304) {
      if (answer.body.length > 0) throw new Error(`${answer.status} has a body`);
      return {};
    }
    const came = codecOf(answer.headers["content-type"]);
    if (came !== codec) throw new Error(`asked for ${codec} and got ${came ?? "something else"}`);
    return decode(this.descriptors.registry, type, await content(answer), codec);
  }

  /** protojson callers write lowerCamelCase, the others the names of the .proto file. */
  private query(type: DescMessage, rest: Plain, codec: CodecName): string {
    const { registry } = this.descriptors;
    const useProtoFieldName = codec !== "protojson";
    const json = toJson(type, fromJson(type, rest as JsonValue, { registry }), {
      registry,
      useProtoFieldName,
    }) as Plain;
    const search = new URLSearchParams();
    for (const field of type.fields) {
      const key = useProtoFieldName ? field.name : field.jsonName;
      // What a case sends on purpose, be it the default, goes over the wire: toJson leaves defaults out.
      const value = json[key] ?? rest[field.name];
      if (value === undefined) continue;
      for (const item of [value].flat()) search.append(key, String(item));
    }
    return search.toString();
  }
}
