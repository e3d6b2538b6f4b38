// The path and the query of a request, laid over its message.
import type { Method } from "./model/load.js";
import { malformed } from "./codecs/malformed.js";
import { valueOfText } from "./codecs/scalars.js";
import { shapeOf, type Plain, type Shape, type Slot } from "./model/message-schema.js";

/** Lays path and query over a request, in place. Throws MALFORMED_REQUEST. */
export type Bind = (request: Plain, pathValues: readonly string[], query: string) => void;

/**
 * Compiles what a method binds. `pathValues` are decoded and in the order of `method.pathFields`; `query` is raw and
 * without its question mark. What the path says wins. `alt` is passed over; a method with a body takes nothing else from
 * the query.
 */
export function binder(method: Method): Bind {
  const shape = shapeOf(method.request);
  const pathSlots = method.pathFields.map((name) => shape.byKey.get(name)!);
  return (request, pathValues, query) => {
    if (query !== "") bindQuery(shape, method.hasBody, request, query);
    pathSlots.forEach((slot, index) => {
      request[slot.name] = valueOfText(slot, pathValues[index]!, [slot.name]);
    });
  };
}

function bindQuery(shape: Shape, hasBody: boolean, request: Plain, query: string): void {
  const spellings = new Map<Slot, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const key = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (key === "alt") continue;
    const slot = shape.byKey.get(key);
    if (!slot || slot.kind === "message" || slot.many === "map") throw unknownKey(shape, key);
    if (hasBody) throw malformed([slot.name], "belongs into the body, not into the query");
    const text = equals === -1 ? "" : decode(pair.slice(equals + 1));
    bindValue(slot, key, text, request, spellings);
  }
}

function bindValue(slot: Slot, key: string, text: string, request: Plain, spellings: Map<Slot, string>): void {
  const path = [slot.name];
  const spelling = spellings.get(slot);
  if (spelling !== undefined && (slot.many === "one" || spelling !== key))
    throw malformed(path, "is given twice in the query");
  spellings.set(slot, key);
  for (const rival of slot.rivals) {
    if (rival in request) throw malformed(path, `cannot be given together with ${rival}`);
  }
  if (slot.many === "one") {
    request[slot.name] = valueOfText(slot, text, path);
    return;
  }
  const list = request[slot.name] as unknown[];
  if (list.length < slot.readAtMost) list.push(valueOfText(slot, text, [slot.name, list.length]));
}

function unknownKey(shape: Shape, key: string): Error {
  const isName = /^[a-zA-Z_]\w{0,63}$/.test(key);
  if (isName) return malformed([key], `is not a field that the query of ${shape.name} can hold`);
  return malformed([], `The query holds a key that is not a field of ${shape.name}`);
}

function decode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw malformed([], "The query holds a % that is not followed by two digits, or is not UTF-8");
  }
}
