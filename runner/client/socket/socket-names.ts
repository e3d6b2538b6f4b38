// What the runner has to know of a contract whose methods can be called over a web socket, as data.
import type { CodecName } from "../encoding.js";

/** The names of the messages and fields of a socket. */
export interface SocketNames {
  /** Where it is opened. */
  readonly path: string;
  /** Actors who may open none. */
  readonly closedTo?: readonly string[];
  /** The subprotocol of each serialization. */
  readonly subprotocols: Readonly<Record<CodecName, string>>;
  /** The message that clients send, and its field for a call. */
  readonly sent: { readonly message: string; readonly call: string };
  /** The message that the server sends, and its fields for the result of a call, and for a frame that it could not take. */
  readonly received: { readonly message: string; readonly result: string; readonly refused: string };
  /** The fields of a call. The request is a google.protobuf.Any. */
  readonly call: Readonly<Record<"id" | "method" | "request" | "idempotencyKey" | "ifMatch", string>>;
  /** The fields of a result. The response is a google.protobuf.Any. */
  readonly result: Readonly<
    Record<"id" | "status" | "response" | "problem" | "location" | "etag" | "isReplayed", string>
  >;
}
