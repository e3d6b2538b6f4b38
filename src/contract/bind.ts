// Sets the fields of a request message from the path and the query.
import { isDeepStrictEqual } from "node:util";
import type { Method } from "./model/method.js";
import { malformed } from "./codecs/malformed.js";
import { valueOfText } from "./codecs/scalars.js";
import { messageSchema, type Plain, type MessageSchema, type FieldSchema } from "./model/message-schema.js";

/** Sets fields of a request from the path and the query, in place. Throws MALFORMED_REQUEST. */
export type Bind = (request: Plain, pathValues: readonly string[], query: string) => void;

/**
 * Compiles the binding of a method. `pathValues` are decoded and in the order of `method.pathFields`; `query` is raw and
 * without its question mark. A field of the path may also be in the body or the query, with the same value. `alt` is ignored. A
 * method with a body takes no field from the query.
 */
export function binder(method: Method): Bind {
  const schema = messageSchema(method.request);
  const pathFields = method.pathFields.map((name) => schema.byKey.get(name)!);
  return (request, pathValues, query) => {
    if (query !== "") bindQuery(schema, method.hasBody, request, query);
    pathFields.forEach((field, index) => {
      const value = valueOfText(field, pathValues[index]!, [field.name]);
      // A field without presence that has its default counts as absent.
      const other = field.hasPresence || request[field.name] !== field.default ? request[field.name] : undefined;
      if (other !== undefined && !isDeepStrictEqual(other, value))
        throw malformed([field.name], "has another value in the path");
      request[field.name] = value;
    });
  };
}

function bindQuery(schema: MessageSchema, hasBody: boolean, request: Plain, query: string): void {
  const spellings = new Map<FieldSchema, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const key = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (key === "alt") continue;
    const field = schema.byKey.get(key);
    if (!field) throw unknownKey(schema, key);
    if (hasBody) throw malformed([field.name], "belongs into the body, not into the query");
    // Of the fields that readRoute leaves to a query, only an upload is a message.
    if (field.kind === "message") throw unknownKey(schema, key);
    const text = equals === -1 ? "" : decode(pair.slice(equals + 1));
    bindValue(field, key, text, request, spellings);
  }
}

function bindValue(
  field: FieldSchema,
  key: string,
  text: string,
  request: Plain,
  spellings: Map<FieldSchema, string>,
): void {
  const path = [field.name];
  const spelling = spellings.get(field);
  if (spelling !== undefined && (field.many === "one" || spelling !== key))
    throw malformed(path, "is given twice in the query");
  spellings.set(field, key);
  for (const rival of field.rivals) {
    if (rival in request) throw malformed(path, `cannot be given together with ${rival}`);
  }
  if (field.many === "one") {
    request[field.name] = valueOfText(field, text, path);
    return;
  }
  const list = request[field.name] as unknown[];
  if (list.length < field.readAtMost) list.push(valueOfText(field, text, [field.name, list.length]));
}

function unknownKey(schema: MessageSchema, key: string): Error {
  const isName = /^[a-zA-Z_]\w{0,63}$/.test(key);
  if (isName) return malformed([key], `is not a field that the query of ${schema.name} can hold`);
  return malformed([], `The query holds a key that is not a field of ${schema.name}`);
}

function decode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw malformed([], "The query holds a % that is not followed by two digits, or is not UTF-8");
  }
}
