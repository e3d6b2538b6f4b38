// Mutants of how callers show who they are: cookies of sessions, and forms of OAuth.
import type { MutantGroup } from "../mutant.js";

export const credentialMutants: MutantGroup = {
  name: "credentials",
  mutants: [
    {
      name: "a page of another origin can change something by cookie",
      file: "accounts/sessions/authenticate-cookie",
      find: "request.isUnsafe && request.call.client.isCrossSite",
      replace: "false",
      grep: "createChat who may call",
      reports: /by cookie, from a page with.*expected 403 CROSS_SITE_REQUEST/,
    },
    {
      name: "a cookie is not set anew when its token was exchanged",
      file: "accounts/sessions/authenticate-cookie",
      find: "cookie.set(call.headers, tokens);",
      replace: "",
      grep: "getMe a cookie is renewed",
      reports: /set-cookie/,
    },
    {
      name: "the first of two cookies of a session counts",
      file: "accounts/sessions/session-cookie",
      find: "values.length === 1 ?",
      replace: "values.length > 0 ?",
      grep: "getMe a cookie that is nonsense, forged or there twice",
      reports: /expected.*INVALID_TOKEN|expected 401/,
    },
    {
      name: "a cookie is looked at beside an Authorization header",
      file: "policy/authenticate",
      find: "authorization !== undefined || cookie === undefined",
      replace: "cookie === undefined",
      grep: "getMe an Authorization header wins over a cookie",
      reports: /expected/,
    },
    {
      name: "a login for a cookie may come from any page",
      file: "accounts/sessions/begin-session",
      find: "if (cookie && client.isCrossSite)",
      replace: "if (false)",
      grep: "login a page of another origin cannot log its visitor in",
      reports: /expected.*CROSS_SITE_REQUEST|expected 403/,
    },
    {
      name: "what is not percent-encoded in a form is taken as it is",
      file: "doors/url-encoded-form",
      find: "return void decodeURIComponent(form);",
      replace: "return;",
      grep: "issueToken a form of parameters",
      reports: /an escape without digits.*expected 400 MALFORMED_REQUEST, got 200/,
    },
    {
      name: "guesses by the form are not counted with those of Login",
      file: "policy/limits",
      find: "failureLimit.counted_with || method",
      replace: "method",
      grep: "issueToken too many failed attempts",
      reports: /RATE_LIMITED|expected 429/,
    },
    {
      name: "a grant that is not served is called a wrong form",
      file: "policy/oauth-errors",
      find: '"unsupported_grant_type"',
      replace: '"invalid_request"',
      grep: "issueToken another grant is not served",
      reports: /error: expected "unsupported_grant_type"/,
    },
  ],
};
