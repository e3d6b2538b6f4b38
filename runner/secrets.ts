// What must not stand in a report: the passwords and tokens of people who are not of our making.
import type { Plain } from "./encoding.js";
import type { RawRequest } from "./exchange.js";

const mask = "(a secret)";

export class Secrets {
  private readonly values = new Set<string>();

  /** Knows what stands under "password" and "token" in what is said of people. */
  constructor(known: Readonly<Record<string, Plain>>) {
    for (const person of Object.values(known)) {
      for (const [key, value] of Object.entries(person))
        if (/password|token|secret/i.test(key) && typeof value === "string") this.add(value);
    }
  }

  add(secret: string): void {
    if (secret.length >= 4) this.values.add(secret);
  }

  /** The text without secrets. */
  masked(text: string): string {
    let rest = text;
    for (const secret of this.values) rest = rest.replaceAll(secret, mask);
    return rest;
  }

  /** The request as it may be shown; a body that holds a secret is left out. */
  maskedRequest(request: RawRequest): RawRequest {
    if (this.values.size === 0) return request;
    const { headers = [], body } = request;
    const holds = body !== undefined && [...this.values].some((secret) => Buffer.from(body).includes(secret));
    return {
      ...request,
      path: this.masked(request.path),
      headers: headers.map(([name, value]) => [name, this.masked(value)] as const),
      ...(holds && { body: mask }),
    };
  }
}
