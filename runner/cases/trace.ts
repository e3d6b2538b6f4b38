// The trace of a run of a case, in a form in which two runs can be compared: ids, times and random values are replaced by
// names that show which of them are equal.

/** One answer. */
export interface TraceEntry {
  /** The step of the case. */
  readonly place: string;
  readonly method: string;
  readonly status: number;
  readonly body: unknown;
}

/** What differs between two runs. */
export interface Noise {
  /** Fields whose values are new in every answer. */
  readonly volatile: readonly string[];
  /** Random texts that may occur inside others, with their replacements. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Equal for two runs with the same results. An id becomes its order of appearance among the ids at its place in the
 * answers of a method, "#1", "#2" ...
 */
export function comparable(trace: readonly TraceEntry[], noise: Noise): unknown {
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
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(rest)) return "<timestamp>";
    return rest.replace(/(?<=id=|\/)\d+/g, "#");
  };
  const walk = (value: unknown, place: string, key: string): unknown => {
    if (noise.volatile.includes(key)) return `<${key}>`;
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return /(^|_)ids?$/.test(key) ? idOf(place, value) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item, place, key));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, inner]) => [name, walk(inner, `${place}.${name}`, name)]));
  };
  return trace.map(({ place, method, status, body }) => ({ place, method, status, body: walk(body, method, "") }));
}

/** The value without the fields that are new in every answer. */
export function steady(value: unknown, volatile: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => steady(item, volatile));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (volatile.includes(key) ? [] : [[key, steady(inner, volatile)]])),
  );
}
