// The variables of a case, the values of "$name". Names are flat ("alice", "alice.email"); a value inside a captured
// message is found by its path.
import { valueAt } from "../match.js";

export class Variables {
  private readonly values = new Map<string, unknown>();

  constructor(private readonly outer?: Variables) {}

  set(name: string, value: unknown): void {
    this.values.set(name, value);
  }

  /** Whether a variable of that name was set here. */
  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The variables that were set here, without the outer ones. */
  own(): Iterable<[string, unknown]> {
    return this.values;
  }

  /** The value of a name such as "tea" or "tea.title". Throws when no variable of that name exists. */
  get(name: string): unknown {
    if (this.values.has(name)) return this.values.get(name);
    const dot = name.search(/[.[]/);
    if (dot > 0 && this.values.has(name.slice(0, dot))) {
      const inside = valueAt(this.values.get(name.slice(0, dot)), name.slice(dot));
      if (inside !== undefined) return inside;
    }
    if (!this.outer) throw new Error(`There is no variable $${name}`);
    return this.outer.get(name);
  }

  /** A copy of `value` with every "$name" replaced, and every `${name}` inside longer texts. */
  resolve<Value>(value: Value): Value {
    return this.filled(value) as Value;
  }

  private filled(value: unknown): unknown {
    if (typeof value === "string") {
      const whole = /^\$([A-Za-z][\w.[\]]*)$/.exec(value);
      if (whole) return this.get(whole[1]!);
      return value.replace(/\$\{([\w.[\]]+)\}/g, (_, name: string) => String(this.get(name)));
    }
    if (Array.isArray(value)) return value.map((item) => this.filled(item));
    if (typeof value !== "object" || value === null) return value;
    const filled = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.filled(inner)]));
    if ("$basic" in filled) return basicOf(...(filled["$basic"] as [string, string]));
    return "$day" in filled ? day(...(filled["$day"] as [string, string, number])) : filled;
  }
}

/** The value of an Authorization header (RFC 7617). */
function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** The day of a timestamp in a time zone, `plus` days later. */
function day(timestamp: string, timeZone: string, plus: number): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const { year, month, day } = Object.fromEntries(
    parts.formatToParts(new Date(timestamp)).map(({ type, value }) => [type, value]),
  );
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + plus);
  return date.toISOString().slice(0, 10);
}

/** Whether data names an actor: `as: "alice"`, or "$alice" anywhere. */
export function mentions(data: unknown, actor: string): boolean {
  const reference = new RegExp(`"as":"${actor}"|\\$\\{?${actor}\\b`);
  return reference.test(JSON.stringify(data));
}
