// The findings of the golden files: sentences for people that name the released clients that break, and the reason.
import { codecNames, type CodecName } from "../client/encoding.js";

/** The clients of each serialization, as a sentence names them: `{ json: "the web pages (JSON)", ... }`. */
export type Clients = Readonly<Record<CodecName, string>>;

export interface Finding {
  /** Whether a released client breaks, or only the golden files are incomplete. */
  readonly kind: "broken" | "unrecorded";
  readonly sentence: string;
}

/** The effect on a client of one serialization. */
export type Effect =
  | { readonly what: "lost" | "emptied" | "missed" | "crowded" }
  | { readonly what: "taken"; readonly by: string }
  | { readonly what: "unknown"; readonly key: string }
  | { readonly what: "refused"; readonly text: string }
  | { readonly what: "misread" | "answered"; readonly was: string; readonly is: string };

export type Effects = ReadonlyMap<CodecName, Effect>;

/** A change, and its effects on clients. A change without effects is only missing in the golden files. */
export function findingOf(happened: string, effects: Effects, clients: Clients): Finding {
  if (effects.size === 0) return unrecorded(`${happened}, without an effect on released clients; it`);
  const unaffected = codecNames.filter((codec) => !effects.has(codec));
  const parts = groups(effects).map(([effect, codecs]) => phrase(effect, released(clients, codecs)));
  if (unaffected.length > 0) parts.push(`${released(clients, unaffected)} are not affected`);
  return { kind: "broken", sentence: `${happened}: ${parts.join("; ")}` };
}

/** The finding that something of today is not in the golden files. */
export function unrecorded(what: string): Finding {
  return { kind: "unrecorded", sentence: `${what} is not in the golden files yet` };
}

/** "released versions of the one, the other and the third" */
export function released(clients: Clients, codecs: readonly CodecName[] = codecNames): string {
  const names = codecs.map((codec) => clients[codec]);
  return `released versions of ${new Intl.ListFormat("en-GB").format(names)}`;
}

function groups(effects: Effects): [Effect, CodecName[]][] {
  const found = new Map<string, [Effect, CodecName[]]>();
  for (const [codec, effect] of effects) {
    const key = JSON.stringify(effect);
    found.set(key, [effect, [...(found.get(key)?.[1] ?? []), codec]]);
  }
  return [...found.values()];
}

function phrase(effect: Effect, who: string): string {
  switch (effect.what) {
    case "lost":
      return `the value that ${who} send is lost`;
    case "taken":
      return `the value that ${who} send is read as ${effect.by}`;
    case "unknown":
      return `${who} send and read \`${effect.key}\`, which is unknown now`;
    case "refused":
      return `requests of ${who} with ${effect.text} are refused`;
    case "misread":
      return `${effect.was} of ${who} is read as ${effect.is}`;
    case "answered":
      return `${who} read ${effect.was} and are now sent ${effect.is}`;
    case "emptied":
      return `an explicit default value of ${who} is read as not set`;
    case "missed":
      return `${who} expect it in every answer, and it is now absent where it is not set`;
    case "crowded":
      return `${who} set it together with other members, and only one of them is kept now`;
  }
}

/** A full name without its package: `Shelf.Label` of `library.v1.Shelf.Label`. */
export function short(name: string): string {
  return name.replaceAll(/\b(?:[a-z0-9_]+\.)+(?=[A-Z])/g, "");
}
