// What must not stand in a report: the passwords and tokens of people who are not of our making.
import type { Plain } from "../client/encoding.js";
import type { RawRequest } from "../client/exchange.js";

const mask = "(a secret)";
const isSecretName = (name: string): boolean => /password|token|secret/i.test(name);

export class Secrets {
  /** Every form in which a secret may stand somewhere; the longest first, since one may begin as another does. */
  private forms: readonly string[] = [];

  /** Knows what stands under "password" and "token" in what is said of people. */
  constructor(known: Readonly<Record<string, Plain>>) {
    for (const person of Object.values(known)) this.addNamed(person);
  }

  add(secret: string): void {
    if (secret.length < 4) return;
    // Checks forge a token by another end of it: the rest is all but the whole.
    const stems = secret.length >= 40 ? [secret, secret.slice(0, -4)] : [secret];
    const forms = stems.flatMap((stem) => {
      const inJson = JSON.stringify(stem).slice(1, -1);
      const inForm = new URLSearchParams([["", stem]]).toString().slice(1);
      return [stem, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(stem), inForm];
    });
    this.forms = [...new Set([...this.forms, ...forms])].sort((a, b) => b.length - a.length);
  }

  /** Knows what a server answers with to a request that holds a secret: the tokens of whoever logs in with it. */
  learn(request: RawRequest, answer: Plain): void {
    if (this.isHeldBy(request.body)) this.addNamed(answer);
  }

  /** The text without secrets. */
  masked(text: string): string {
    let rest = text;
    for (const form of this.forms) rest = rest.replaceAll(form, mask);
    return rest;
  }

  /** The request as it may be shown; a body that holds a secret is left out. */
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
