// google.api.HttpBody: a request body or an answer that is not a message.
import type protobuf from "protobufjs";

/** Declared of a body of any media type, which is streamed. */
export const anyType = "*/*";

/** Whether a type is google.api.HttpBody. */
export function isHttpBody(type: protobuf.ReflectionObject | null | undefined): boolean {
  return type?.fullName === ".google.api.HttpBody";
}
