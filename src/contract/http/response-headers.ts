// Headers and cookies that a handler or a policy adds to the answer of its request, also to a Problem.
import { validateHeaderName, validateHeaderValue } from "node:http";
import { stringifySetCookie, type SetCookie } from "cookie";
import type { RequestContext } from "./request-context.js";

/** The headers that the engine writes itself, and Set-Cookie, for which there is `setCookie`. */
const reserved: ReadonlySet<string> = new Set([
  "cache-control",
  "connection",
  "content-encoding",
  "content-language",
  "content-length",
  "content-type",
  "date",
  "etag",
  "location",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "set-cookie",
  "transfer-encoding",
  "vary",
  "www-authenticate",
]);

/** A cookie with a name, a value and attributes (RFC 6265, section 4.1). */
export type Cookie = Readonly<SetCookie>;

export class ResponseHeaders {
  constructor(private readonly context: Pick<RequestContext, "headers" | "vary">) {}

  /**
   * Adds a header, also beside an earlier one of the same name. Throws a TypeError for a header that the engine writes itself,
   * and for a name or a value that HTTP does not allow.
   */
  add(name: string, value: string): void {
    if (reserved.has(name.toLowerCase())) throw new TypeError(`the engine writes the header ${name} itself`);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this.context.headers.push(name, value);
  }

  /**
   * Sets a cookie, in place of an earlier one of that name. Throws a TypeError for a name, a value or an attribute that RFC 6265 does
   * not allow.
   */
  setCookie(cookie: Cookie): void {
    const { headers } = this.context;
    const written = stringifySetCookie(cookie);
    for (let index = headers.length - 2; index >= 0; index -= 2)
      if (headers[index] === "Set-Cookie" && headers[index + 1]!.startsWith(`${cookie.name}=`))
        headers.splice(index, 2);
    headers.push("Set-Cookie", written);
  }

  /** Says that the answer is in this language because of Accept-Language. Of several calls the last one counts. */
  setLanguage(language: string): void {
    const { context } = this;
    const at = context.headers.indexOf("Content-Language");
    if (at >= 0) context.headers[at + 1] = language;
    else {
      context.headers.push("Content-Language", language);
      context.vary += ", Accept-Language";
    }
  }
}
