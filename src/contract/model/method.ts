// One rpc of the contract, with its route and its options.
import type protobuf from "protobufjs";
import { optionValues } from "./declared-options.js";
import { anyType } from "./http-body.js";
import { readRoute, type HttpRoute } from "./http-route.js";
import { readOptions, type MethodOptions } from "./options/method-options.js";
import { messageSchema } from "./message-schema.js";
import { isAny } from "./well-known-types.js";
import type { ReasonMeaning } from "./reasons.js";

/** One rpc and its route. */
export interface Method extends HttpRoute, MethodOptions {
  /** The rpc: `SendMessage`. */
  readonly name: string;
  /** The full name of its service: `lyceum.v1.MessageService`. */
  readonly service: string;
  /** The name of its handler: `sendMessage`. */
  readonly handler: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  /** Whether the method answers with a stream of messages, as server-sent events. */
  readonly isStream: boolean;
  /** Whether its handler reads the body while it arrives: it takes any media type, and a file of any size that the server permits. */
  readonly isStreamedUpload: boolean;
  /** Whether it answers with a file of any media type and size, in whole or in part, which is sent while it is read. */
  readonly isStreamedDownload: boolean;
  /** The comment above the rpc. */
  readonly comment: string;
}

/** Reads a method. Throws an Error that names it when it is incomplete, or uses something that the engine does not support. */
export function readMethod(
  service: protobuf.Service,
  rpc: protobuf.Method,
  meanings: ReadonlyMap<string, ReasonMeaning>,
): Method {
  const fullName = `${service.fullName.slice(1)}.${rpc.name}`;
  const refuse = (why: string): never => {
    throw new Error(`${fullName}: ${why}`);
  };
  if (rpc.requestStream) refuse("a stream of requests cannot be served over plain HTTP");
  const [request, response] = [rpc.resolvedRequestType, rpc.resolvedResponseType];
  if (!request || !response) return refuse("its messages cannot be found");
  for (const type of [request, response]) refuseUnserved(type, refuse);
  const isStream = rpc.responseStream === true;
  const isPublic = optionValues(rpc, "lyceum.v1.access").at(-1) === "ACCESS_PUBLIC";
  const handler = rpc.name[0]!.toLowerCase() + rpc.name.slice(1);
  if (handler in Object.prototype) refuse(`its handler would be ${handler}, which every object has`);
  const route = readRoute(rpc, request, refuse);
  const options = readOptions(rpc, {
    ...route,
    request,
    response,
    isStream,
    isPublic,
    meanings,
    root: rpc.root,
    refuse,
  });
  return {
    name: rpc.name,
    service: service.fullName.slice(1),
    handler,
    ...route,
    request,
    response,
    isStream,
    isStreamedUpload: options.consumes.includes(anyType),
    isStreamedDownload: options.produces.includes(anyType),
    ...options,
    comment: rpc.comment ?? "",
  };
}

function refuseUnserved(type: protobuf.Type, refuse: (why: string) => never): void {
  if (isAny(type)) refuse("google.protobuf.Any cannot be a whole request or answer: it can be a field of one");
  try {
    messageSchema(type);
  } catch (error) {
    refuse((error as Error).message);
  }
}
