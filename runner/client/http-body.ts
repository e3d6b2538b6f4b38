// Bodies that are no message: google.api.HttpBody in requests and answers, and streams of events. Cases write an HttpBody as
// its JSON: the media type, and the bytes in base64.
import type { FileRegistry } from "@bufbuild/protobuf";
import { parametersType, type Rpc } from "./descriptors.js";
import { decode, type Plain } from "./encoding.js";
import type { RawAnswer } from "./exchange.js";

/** The body of a request as it is, or as a form; undefined when the method takes a message, or none. */
export function contentOf(rpc: Rpc, request: Plain): { contentType: string; data: Buffer } | undefined {
  if (rpc.isForm) {
    const pairs = Object.entries(request).map(([name, value]): [string, string] => [name, String(value)]);
    return { contentType: parametersType, data: Buffer.from(new URLSearchParams(pairs).toString()) };
  }
  const body = rpc.bodyField === undefined ? undefined : (request[rpc.bodyField] as Plain | undefined);
  if (!body) return undefined;
  return { contentType: String(body["content_type"]), data: Buffer.from(String(body["data"] ?? ""), "base64") };
}

/** Reads an answer that is no message: an HttpBody, or the first message of a stream. Throws an Error when it is neither. */
export function readContent(
  registry: FileRegistry,
  rpc: Rpc,
  { headers, body }: RawAnswer,
): { content: Buffer; message: Plain } {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (!rpc.isStreamedDownload && !rpc.produces.includes(type))
    throw new Error(`expected ${rpc.produces.join(" or ")}, got ${type || "no media type"}`);
  if (!rpc.isStream) return { content: body, message: { content_type: type, data: body.toString("base64") } };
  const data = /^data: (.*)$/m.exec(body.toString("utf8"))?.[1];
  if (data === undefined) throw new Error("the stream has no event with data");
  return { content: body, message: decode(registry, rpc.response, Buffer.from(data), "json") };
}
