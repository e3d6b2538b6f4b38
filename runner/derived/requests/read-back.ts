// Reads what a method created or changed: at the Location of its answer, else at its path.
import type { Called } from "../../client/client.js";
import type { Descriptors, Rpc } from "../../client/descriptors.js";
import type { CodecName, Plain } from "../../client/encoding.js";
import type { PreparedRequest } from "../example-request.js";

/** The method that reads a path with GET, and the values of its path fields; undefined when there is none. */
export function readerAt({ rpcs }: Descriptors, path: string): { rpc: Rpc; values: Plain } | undefined {
  for (const rpc of rpcs.values()) {
    const values = rpc.verb === "GET" && rpc.produces.length === 0 ? valuesOf(rpc, path) : undefined;
    if (values) return { rpc, values };
  }
  return undefined;
}

/**
 * The message of an answer as it is read afterwards, in a serialization; undefined when no method returns it at that path.
 * Rejects with an Error when it is refused.
 */
export async function readBack(
  descriptors: Descriptors,
  { rpc, client, token, request }: PreparedRequest,
  answer: Called,
  codec: CodecName,
): Promise<Called | undefined> {
  const path = answer.headers["location"] ?? client.path(rpc, request);
  const reader = readerAt(descriptors, path);
  const isSame = reader?.rpc.response === rpc.response;
  const holder = reader?.rpc.response.fields.find(
    (field) => field.fieldKind === "message" && field.message === rpc.response,
  );
  if (!reader || (!isSame && !holder) || (token === undefined && !reader.rpc.isPublic)) return undefined;
  const read = await client.call(reader.rpc.name, reader.values, { pair: { request: codec, response: codec }, token });
  if (read.status !== 200) throw Object.assign(new Error(`${path} answers ${read.status}`), { curl: read.curl });
  return isSame ? read : { ...read, body: read.body[holder!.name] as Plain };
}

/** The path parameters of a method in a path; undefined when the path has another form. */
function valuesOf({ path: template, pathFields }: Rpc, path: string): Plain | undefined {
  const match = new RegExp(`^${template.replace(/\{\w+\}/g, "(\\d+)")}$`).exec(path);
  return match ? Object.fromEntries(pathFields.map((name, at) => [name, Number(match[at + 1])])) : undefined;
}
