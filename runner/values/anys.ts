// Values of google.protobuf.Any: what one holds, and such as every contract has.
import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import type { Plain } from "../client/encoding.js";

const anyName = "google.protobuf.Any";
const emptyName = "google.protobuf.Empty";

/** The type URL of a message. */
const urlOf = (name: string): string => `type.googleapis.com/${name}`;

/** The type URL of a message of every contract that has the rules of an Any: the first that they list, or one without content. */
export function anyUrl(registry: FileRegistry, listed: unknown): string {
  const [first] = [listed ?? []].flat() as string[];
  return first ?? urlOf(registry.getMessage(emptyName) ? emptyName : anyName);
}

/** The message that an Any holds; undefined for an empty one. Throws an Error when the contract has no such message. */
export function heldBy(registry: FileRegistry, { "@type": url }: Plain): DescMessage | undefined {
  if (url === undefined) return undefined;
  const type = registry.getMessage(String(url).replace(/^.*\//, ""));
  if (!type) throw new Error(`There is no message ${String(url)}`);
  return type;
}

/** By rule, whether an Any satisfies it. */
export const anyChecks = {
  in: ({ "@type": url }: Plain, listed: readonly unknown[]) => listed.includes(url),
};

/** Anys that every contract can read. */
export const unusualAnys: readonly Plain[] = [
  {},
  { "@type": urlOf(anyName), value: {} },
  { "@type": urlOf(anyName), value: { "@type": urlOf(anyName), value: {} } },
];

/** Objects that are no Any, each because of its type. */
export const invalidAnys: readonly Plain[] = [
  { "@type": "" },
  { "@type": anyName },
  { "@type": urlOf("no.such.Message") },
  { "@type": 1, value: {} },
  { value: {} },
];
