// The OpenAPI document of JSON alone as a part of the one of all serializations, against which responses are checked: so that
// what holds for the whole holds for the part.
import { codecOf } from "../client/encoding.js";

type Json = Readonly<Record<string, unknown>>;

/** What the part says otherwise than the whole, and what it lacks of JSON, each with its place. */
export function differences(part: unknown, whole: unknown): string[] {
  return [...compared(part, whole, "")].slice(0, 20);
}

function* compared(part: unknown, whole: unknown, place: string): Generator<string> {
  if (place === "/info/description") return; // Each says what it is.
  if (Array.isArray(part) && Array.isArray(whole)) return yield* comparedLists(part, whole, place);
  if (!isObject(part) || !isObject(whole)) {
    if (part !== whole) yield `${place} is ${JSON.stringify(part)}, and in the whole ${JSON.stringify(whole)}`;
    return;
  }
  for (const [name, value] of Object.entries(part)) {
    const at = `${place}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!Object.hasOwn(whole, name)) yield `${at} is not in the whole`;
    else if (place.endsWith("/content") && codecOf(name) !== undefined && codecOf(name) !== "json")
      yield `${at} is no JSON`;
    else yield* compared(value, whole[name], at);
  }
  const missing = Object.keys(whole).filter((name) => !Object.hasOwn(part, name) && isOfJson(name, place));
  for (const name of missing) yield `${place} lacks ${name}`;
}

/** Lists have the same members in the same order, except that the part may lack references to what is not of JSON. */
function* comparedLists(part: readonly unknown[], whole: readonly unknown[], place: string): Generator<string> {
  const own = new Set(part.map((item) => JSON.stringify(item)));
  const kept = place.endsWith("/parameters") ? whole.filter((item) => own.has(JSON.stringify(item))) : whole;
  if (kept.length !== part.length)
    yield `${place} has ${part.length} members, of which ${kept.length} are in the whole`;
  else for (const [index, item] of part.entries()) yield* compared(item, kept[index], `${place}/${index}`);
}

/** Whether the part has it too: headers, media types, and components may be of other serializations alone. */
function isOfJson(name: string, place: string): boolean {
  if (place.endsWith("/content")) return codecOf(name) === undefined || codecOf(name) === "json";
  return !/\/(?:headers|components(?:\/\w+)?)$/.test(place);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
