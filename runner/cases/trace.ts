// What came of a case, in a form in which two plays of it can be compared: ids, times and what is random are replaced by
// names that say which of them are the same.

/** One answer. */
export interface Heard {
  /** Which step of the case. */
  readonly place: string;
  readonly method: string;
  readonly status: number;
  readonly body: unknown;
}

/** What differs from play to play. */
export interface Noise {
  /** Fields whose values are new each time. */
  readonly volatile: readonly string[];
  /** Random texts that may occur inside others, with the name to put there. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * The same for two plays in which the same happened. Ids become their order of appearance at their place in the answers
 * of a method, "#1", "#2" ...: what is the same id in one play is the same in the other.
 */
export function comparable(heard: readonly Heard[], noise: Noise): unknown {
  const places = new Map<string, Map<number, string>>();
  const idOf = (place: string, id: number): string => {
    const ids = places.get(place) ?? new Map<number, string>();
    places.set(place, ids);
    if (!ids.has(id)) ids.set(id, `#${ids.size + 1}`);
    return ids.get(id)!;
  };
  const text = (value: string): string => {
    let rest = value;
    for (const [random, name] of noise.texts) rest = rest.replaceAll(random, name);
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(rest)) return "<moment>";
    return rest.replace(/(?<=id=|\/)\d+/g, "#");
  };
  const walk = (value: unknown, place: string, key: string): unknown => {
    if (noise.volatile.includes(key)) return `<${key}>`;
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return /(^|_)id$/.test(key) ? idOf(place, value) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item, place, key));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, inner]) => [name, walk(inner, `${place}.${name}`, name)]));
  };
  return heard.map(({ place, method, status, body }) => ({ place, method, status, body: walk(body, method, "") }));
}

/** The value without the fields that are new each time. */
export function steady(value: unknown, volatile: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => steady(item, volatile));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (volatile.includes(key) ? [] : [[key, steady(inner, volatile)]])),
  );
}
