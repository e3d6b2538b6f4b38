// The secrets that a report must not contain: the passwords and tokens of existing accounts.
import type { Plain } from "../client/encoding.js";
import type { RawRequest } from "../client/exchange.js";

const mask = "(a secret)";
const isSecretName = (name: string): boolean => /password|token|secret/i.test(name);

export class Secrets {
  /** Every encoding in which a secret may occur in a text; the longest first, since one may be the beginning of another. */
  private forms: readonly string[] = [];

  /** Adds the values of fields such as "password" and "token" of the accounts. */
  constructor(known: Readonly<Record<string, Plain>>) {
    for (const person of Object.values(known)) this.addNamed(person);
  }

  add(secret: string): void {
    if (secret.length < 4) return;
    // Access checks forge a token by changing its end: the rest of it is a secret too.
    const stems = secret.length >= 40 ? [secret, secret.slice(0, -4)] : [secret];
    const forms = stems.flatMap((stem) => {
      const inJson = JSON.stringify(stem).slice(1, -1);
      const inForm = new URLSearchParams([["", stem]]).toString().slice(1);
      return [stem, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(stem), inForm];
    });
    this.forms = [...new Set([...this.forms, ...forms])].sort((a, b) => b.length - a.length);
  }

  /** Adds the tokens of an answer, when its request contained a secret: it is the login of an existing account. */
  learn(request: RawRequest, answer: Plain): void {
    if (this.isHeldBy(request.body)) this.addNamed(answer);
  }

  /** The text without secrets. */
  masked(text: string): string {
    let rest = text;
    for (const form of this.forms) rest = rest.replaceAll(form, mask);
    return rest;
  }

  /** The request in a form that may be shown; a body with a secret is replaced. */
  maskedRequest(request: RawRequest): RawRequest {
    if (this.forms.length === 0) return request;
    const { headers = [], body } = request;
    return {
      ...request,
      path: this.masked(request.path),
      headers: headers.map(([name, value]) => [name, this.masked(value)] as const),
      ...(this.isHeldBy(body) && { body: mask }),
    };
  }

  private isHeldBy(body: RawRequest["body"]): boolean {
    return body !== undefined && this.forms.some((form) => Buffer.from(body).includes(form));
  }

  private addNamed(message: Plain): void {
    for (const [name, value] of Object.entries(message))
      if (isSecretName(name) && typeof value === "string") this.add(value);
  }
}
