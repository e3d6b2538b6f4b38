// One encoding of a message, with its description.

/** A body, with a description of its peculiarity: "title twice, the last counts". */
export interface Variant {
  readonly name: string;
  readonly body: Buffer;
}

/** The variants without those that equal `usual` or an earlier one: some peculiarities need a field that is absent. */
export function distinct(variants: readonly Variant[], usual?: Buffer): Variant[] {
  const seen = new Set([usual?.toString("latin1")]);
  return variants.filter(({ body }) => {
    const bytes = body.toString("latin1");
    if (seen.has(bytes)) return false;
    seen.add(bytes);
    return true;
  });
}
