// The interface of a method option. Each option of lyceum/v1/options.proto is one file that reads it, checks it, lists the
// reasons that it adds, and describes it in OpenAPI. The engine or a policy implements its effect.
import type protobuf from "protobufjs";
import type { HttpRoute, Refuse } from "../http-route.js";
import type { ReasonMeaning } from "../reasons.js";

/** The method of an option, as far as it is read before its options. */
export interface Declaration extends HttpRoute {
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  /** Whether it answers with a stream of messages. */
  readonly isStream: boolean;
  /** Whether it asks for no credentials. */
  readonly isPublic: boolean;
  /** All reasons of the contract, by name. */
  readonly meanings: ReadonlyMap<string, ReasonMeaning>;
  readonly root: protobuf.Root;
  /** Throws an Error that names the method. */
  readonly refuse: Refuse;
}

type Json = Record<string, unknown>;

/** The part of an OpenAPI operation that an option adds. Parameters, headers and responses are shared by name. */
export interface OpenApiPart {
  /** A paragraph of the operation's description. */
  readonly description?: string;
  /** A sentence at the end of the description of the request body. */
  readonly bodyDescription?: string;
  /** The content of a request body or of the success that is not a message, by media type. */
  readonly requestContent?: Readonly<Record<string, Json>>;
  readonly content?: Readonly<Record<string, Json>>;
  readonly parameters?: Readonly<Record<string, Json>>;
  /** Headers of the success. */
  readonly headers?: Readonly<Record<string, Json>>;
  /** Further answers, by status. `name` is the name of the shared component; `headers` are names of shared headers. */
  readonly responses?: Readonly<Record<number, FurtherAnswer>>;
  /** The value of retry_after_seconds in the example of a 429. */
  readonly retryAfterSeconds?: number;
}

interface FurtherAnswer {
  readonly name: string;
  readonly description: string;
  readonly headers: readonly string[];
  readonly content?: Json;
}

export interface MethodOption<Value> {
  /** The name of the extension of google.protobuf.MethodOptions: `if_match`. */
  readonly name: string;
  /** The option's value; `written` has one element for each time that the option is written. Refuses a wrong value. */
  read(written: readonly unknown[], declaration: Declaration): Value;
  /** Reasons that a method with this value can answer with. */
  reasons?(value: Value, others: OtherOptions): readonly string[];
  openApi?(value: Value, root: protobuf.Root, others: OtherOptions): OpenApiPart;
}

/** What an option is told of the other options of its method. */
export interface OtherOptions {
  readonly streamed: boolean;
  readonly isStreamedUpload: boolean;
}

/** The last element, which is the value of an option that is not repeated. */
export function last<Value>(written: readonly unknown[]): Value | undefined {
  return written.at(-1) as Value | undefined;
}

/** Whether a text is a media type without parameters, in lower case: `image/png`. */
export function isMediaType(text: string): boolean {
  return /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(text);
}
