// One way to write a message, and the words for it.

/** A body, with the words that say to a person what is peculiar about it: "title twice, the last counts". */
export interface Variant {
  readonly name: string;
  readonly body: Buffer;
}

/** The variants without those whose bytes are `usual`, or came before: a message without enums has no spelling of enums. */
export function distinct(variants: readonly Variant[], usual?: Buffer): Variant[] {
  const seen = new Set([usual?.toString("latin1")]);
  return variants.filter(({ body }) => {
    const bytes = body.toString("latin1");
    if (seen.has(bytes)) return false;
    seen.add(bytes);
    return true;
  });
}
