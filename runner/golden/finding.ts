// What the golden files find: a sentence for people that says which released client breaks, and by what.
import { codecNames, type CodecName } from "../client/encoding.js";

/** Who speaks each serialization, as a sentence names them: `{ json: "the web pages (JSON)", ... }`. */
export type Clients = Readonly<Record<CodecName, string>>;

export interface Finding {
  /** A released client breaks; or nobody does, and the golden files only do not show it yet. */
  readonly kind: "broken" | "not golden";
  readonly sentence: string;
}

/** What a client of one serialization comes to notice. */
export type Notice =
  | { readonly what: "lost" | "emptied" | "missed" | "crowded" }
  | { readonly what: "taken"; readonly by: string }
  | { readonly what: "unknown"; readonly key: string }
  | { readonly what: "refused"; readonly text: string }
  | { readonly what: "misread" | "answered"; readonly was: string; readonly is: string };

export type Notices = ReadonlyMap<CodecName, Notice>;

/** What happened to something, and what clients notice of it. When none does, it is only not golden. */
export function findingOf(happened: string, notices: Notices, clients: Clients): Finding {
  if (notices.size === 0) return notGolden(`${happened}, which no released client notices; it`);
  const calm = codecNames.filter((codec) => !notices.has(codec));
  const parts = groups(notices).map(([notice, codecs]) => phrase(notice, released(clients, codecs)));
  if (calm.length > 0) parts.push(`${released(clients, calm)} do not notice`);
  return { kind: "broken", sentence: `${happened}: ${parts.join("; ")}` };
}

/** The finding that what is there today is not in the golden files. */
export function notGolden(what: string): Finding {
  return { kind: "not golden", sentence: `${what} is not yet golden` };
}

/** "released versions of the one, the other and the third" */
export function released(clients: Clients, codecs: readonly CodecName[] = codecNames): string {
  const names = codecs.map((codec) => clients[codec]);
  return `released versions of ${new Intl.ListFormat("en-GB").format(names)}`;
}

function groups(notices: Notices): [Notice, CodecName[]][] {
  const found = new Map<string, [Notice, CodecName[]]>();
  for (const [codec, notice] of notices) {
    const key = JSON.stringify(notice);
    found.set(key, [notice, [...(found.get(key)?.[1] ?? []), codec]]);
  }
  return [...found.values()];
}

function phrase(notice: Notice, who: string): string {
  switch (notice.what) {
    case "lost":
      return `what ${who} write for it is lost`;
    case "taken":
      return `what ${who} write for it is taken for ${notice.by}`;
    case "unknown":
      return `${who} send and read \`${notice.key}\`, which is no longer known`;
    case "refused":
      return `${who} are refused when they send ${notice.text}`;
    case "misread":
      return `what ${who} write as ${notice.was} is read as ${notice.is}`;
    case "answered":
      return `${who} read ${notice.was} and are now answered with ${notice.is}`;
    case "emptied":
      return `what ${who} set to its default on purpose is taken for not set`;
    case "missed":
      return `${who} find it in every answer, and miss it now where it is not set`;
    case "crowded":
      return `${who} set it beside its neighbours, and only one of them is kept now`;
  }
}

/** A full name without its package: `Shelf.Label` of `library.v1.Shelf.Label`. */
export function short(name: string): string {
  return name.replaceAll(/\b(?:[a-z0-9_]+\.)+(?=[A-Z])/g, "");
}
