import { createHmac, randomUUID } from "node:crypto";
import { expect } from "chai";
import { type AccessTokens, createAccessTokens } from "../../src/accounts/sessions/access-tokens.js";
import { deriveKey } from "../../src/platform/secrets/derived-key.js";
import { derivedSigningKey, fixedSigningKeys } from "../../src/accounts/signing-keys/signing-keys.js";
import type { Caller } from "../../src/call.js";

const secretKey = "a secret key of forty bytes, for the tests";
const caller: Caller = {
  id: 7,
  role: "ROLE_TEACHER",
  sessionId: "3f0a2c4e-9b1d-4c8e-8f5a-0123456789ab",
  means: "bearer",
};
const start = Date.parse("2026-11-23T12:00:00Z");
const seconds = start / 1000;

const base64url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** Signs a header and a payload by hand, so that a token can be wrong in exactly one way. */
function forge(
  header: unknown,
  payload: unknown,
  key: string | Uint8Array = deriveKey(secretKey, "access token"),
  digest = "sha256",
) {
  const text = `${base64url(header)}.${base64url(payload)}`;
  return `${text}.${createHmac(digest, key).update(text).digest("base64url")}`;
}

const goodHeader = { alg: "HS256", typ: "at+jwt" };
const goodClaims = {
  sid: caller.sessionId,
  role: caller.role,
  iss: "lyceum",
  aud: "lyceum",
  sub: "7",
  jti: "0b8f9f6e-0000-4000-8000-000000000000",
  iat: seconds,
  exp: seconds + 600,
};
const { sid: _sid, ...noSid } = goodClaims;
const { role: _role, ...noRole } = goodClaims;
const { iss: _iss, ...noIssuer } = goodClaims;
const { aud: _aud, ...noAudience } = goodClaims;
const { sub: _sub, ...noSubject } = goodClaims;
const { jti: _jti, ...noJti } = goodClaims;
const { iat: _iat, ...noIat } = goodClaims;
const { exp: _exp, ...noExp } = goodClaims;
const good = forge(goodHeader, goodClaims);
const [head, body, signature] = good.split(".") as [string, string, string];
const claims = (change: object): string => forge(goodHeader, { ...goodClaims, ...change });

const hostile: Record<string, string> = {
  "nothing at all": "",
  "one part": head,
  "two parts": `${head}.${body}`,
  "three empty parts": "..",
  "four parts": `${good}.${signature}`,
  "five parts, as encrypted tokens have": `${good}.${head}.${head}`,
  "an empty signature": `${head}.${body}.`,
  "no algorithm": `${base64url({ alg: "none", typ: "at+jwt" })}.${body}.`,
  "no algorithm, and a signature all the same": forge({ alg: "none", typ: "at+jwt" }, goodClaims),
  "no algorithm in capitals": forge({ alg: "NONE", typ: "at+jwt" }, goodClaims),
  "HS512 with our key": forge({ alg: "HS512", typ: "at+jwt" }, goodClaims, undefined, "sha512"),
  "HS384 with our key": forge({ alg: "HS384", typ: "at+jwt" }, goodClaims, undefined, "sha384"),
  "RS256 named over an HMAC": forge({ alg: "RS256", typ: "at+jwt" }, goodClaims),
  "an algorithm that is a list": forge({ alg: ["HS256"], typ: "at+jwt" }, goodClaims),
  "no alg": forge({ typ: "at+jwt" }, goodClaims),
  "no typ": forge({ alg: "HS256" }, goodClaims),
  "the typ of any JWT": forge({ alg: "HS256", typ: "JWT" }, goodClaims),
  "a critical extension": forge({ ...goodHeader, crit: ["school"], school: 1 }, goodClaims),
  "an unencoded payload": forge({ ...goodHeader, crit: ["b64"], b64: false }, goodClaims),
  "a header that is a list": forge([], goodClaims),
  "a header that is no JSON": forge("{", goodClaims),
  "another key": forge(goodHeader, goodClaims, "another key"),
  "an empty key": forge(goodHeader, goodClaims, ""),
  "the server's secret itself as key": forge(goodHeader, goodClaims, secretKey),
  "the key of refresh tokens": forge(goodHeader, goodClaims, deriveKey(secretKey, "refresh token")),
  "a signature that is too short": good.slice(0, -1),
  "a signature with a character more": `${good}A`,
  "another first character of the signature": `${head}.${body}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`,
  "another encoding of the same signature": good.slice(0, -1) + nextSpelling(good.at(-1)!),
  "another payload under the signature": `${head}.${base64url({ ...goodClaims, sub: "8" })}.${signature}`,
  padding: `${good}=`,
  "base64 that is not base64url": `${head}.${body.replace(/.$/, "+")}.${signature}`,
  "a blank inside": `${head}. ${body}.${signature}`,
  "a line break at the end": `${good}\n`,
  "a payload that is a list": forge(goodHeader, [goodClaims]),
  "a second factor to set up that is no boolean": claims({ enrol: "true" }),
  "a second factor to set up that is false": claims({ enrol: false }),
  "a payload that is null": forge(goodHeader, null),
  "a payload that is no JSON": forge(goodHeader, "sub=7"),
  "an empty payload": forge(goodHeader, ""),
  "no issuer": forge(goodHeader, noIssuer),
  "another issuer": claims({ iss: "gymnasium" }),
  "no audience": forge(goodHeader, noAudience),
  "another audience": claims({ aud: "gymnasium" }),
  "no expiry": forge(goodHeader, noExp),
  "an expiry that is a text": claims({ exp: String(seconds + 600) }),
  "an expiry in the past": claims({ iat: seconds - 700, exp: seconds - 100 }),
  "issued too long ago, whatever the expiry says": claims({ iat: seconds - 3600, exp: seconds + 3600 }),
  ...Object.fromEntries(
    ["exp", "iat", "nbf"].flatMap((claim) =>
      ["1e999", "-1e999", "1e300", "-1", "1.5", "9007199254740993", "null", '"1"', "[1]"].map((value) => [
        `${claim}: ${value}`,
        forge(goodHeader, JSON.stringify({ ...goodClaims, [claim]: 0 }).replace(`"${claim}":0`, `"${claim}":${value}`)),
      ]),
    ),
  ),
  "an expiry before the moment of issue": claims({ iat: seconds + 4, exp: seconds + 2 }),
  "no moment of issue": forge(goodHeader, noIat),
  "issued in the future": claims({ iat: seconds + 60 }),
  "issued at a text": claims({ iat: String(seconds) }),
  "not valid yet": claims({ nbf: seconds + 60 }),
  "no subject": forge(goodHeader, noSubject),
  "a subject that is a number": claims({ sub: 7 }),
  "a subject that is no number": claims({ sub: "admin" }),
  "subject zero": claims({ sub: "0" }),
  "a negative subject": claims({ sub: "-7" }),
  "a subject with blanks": claims({ sub: " 7" }),
  "a subject beyond the safe integers": claims({ sub: "9007199254740993" }),
  "no jti": forge(goodHeader, noJti),
  "an empty jti": claims({ jti: "" }),
  "no session": forge(goodHeader, noSid),
  "a session that is no id": claims({ sid: "anything" }),
  "a session that is a list": claims({ sid: [caller.sessionId] }),
  "no role": forge(goodHeader, noRole),
  "an unknown role": claims({ role: "ROLE_GOD" }),
  "a role that every object has": claims({ role: "constructor" }),
  "a role that is a number": claims({ role: 2 }),
  "far too long": claims({ padding: "x".repeat(100_000) }),
};

/** The next character of base64url, which decodes to the same four bits. */
function nextSpelling(last: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(last) + 1]!;
}

describe("access tokens", () => {
  let now = start;
  let tokens: AccessTokens;

  before(async () => {
    const keys = fixedSigningKeys([await derivedSigningKey(secretKey)]);
    tokens = createAccessTokens({ keys, minutes: 10, now: () => now });
  });
  beforeEach(() => {
    now = start;
  });

  it("are valid for the caller that they were issued to, until they expire", async () => {
    const token = await tokens.issue(caller);
    const verified = await tokens.verify(token);
    expect(verified?.caller).to.deep.equal(caller);
    expect(tokens.seconds).to.equal(600);
    now = start + 599_000;
    expect(await tokens.verify(token)).to.deep.equal(verified);
    now = verified!.expiresAt;
    expect(await tokens.verify(token)).to.equal(undefined);
  });

  it("differ each time they are issued", async () => {
    expect(await tokens.issue(caller)).not.to.equal(await tokens.issue(caller));
  });

  it("are short enough for any header", async () => {
    const longest: Caller = {
      id: Number.MAX_SAFE_INTEGER,
      role: "ROLE_SUPER_ADMIN",
      sessionId: randomUUID(),
      means: "bearer",
    };
    const token = await tokens.issue(longest);
    expect(token.length).to.be.below(512);
    expect((await tokens.verify(token))?.caller).to.deep.equal(longest);
  });

  it("are not valid under another server key", async () => {
    const keys = fixedSigningKeys([await derivedSigningKey(secretKey.toUpperCase())]);
    const others = createAccessTokens({ keys, minutes: 10, now: () => now });
    expect(await others.verify(await tokens.issue(caller))).to.equal(undefined);
  });

  it("are valid when made by hand without a fault, so that each of the following is refused for its one fault", async () => {
    expect((await tokens.verify(good))?.caller).to.deep.equal(caller);
  });

  for (const [fault, token] of Object.entries(hostile)) {
    it(`are refused with ${fault}`, async () => {
      expect(token).not.to.equal(good);
      expect(await tokens.verify(token)).to.equal(undefined);
    });
  }
});
