// The security headers, with the values that helmet gives them: computed once, since they are constant.
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";

/** Header names and values, each in one flat list. */
export interface SecurityHeaders {
  /** Of every answer. An answer is data: nothing may be loaded, framed or sniffed. */
  readonly all: readonly string[];
  /** Further ones of every answer to a request that came over https. */
  readonly secure: readonly string[];
  /** Further ones that mean something for a page only. */
  readonly pages: readonly string[];
}

const ofEveryAnswer: ReadonlySet<string> = new Set([
  "content-security-policy",
  "cross-origin-resource-policy",
  "referrer-policy",
  "x-content-type-options",
]);
const ofSecureAnswers = "strict-transport-security";

/** `hstsSeconds` is how long a browser uses https alone for this host after an answer over https; 0 for not at all. */
export function securityHeaders(hstsSeconds: number): SecurityHeaders {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const contentSecurityPolicy = {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  };
  // Other hosts below the same domain are not this server's to decide on.
  const strictTransportSecurity = hstsSeconds > 0 && { maxAge: hstsSeconds, includeSubDomains: false };
  helmet({ contentSecurityPolicy, strictTransportSecurity })(request, response, () => {});
  const names = response.getHeaderNames();
  const list = (isIncluded: (name: string) => boolean): string[] =>
    names.filter(isIncluded).flatMap((name) => [name, String(response.getHeader(name))]);
  return {
    all: list((name) => ofEveryAnswer.has(name)),
    secure: list((name) => name === ofSecureAnswers),
    pages: list((name) => !ofEveryAnswer.has(name) && name !== ofSecureAnswers),
  };
}
