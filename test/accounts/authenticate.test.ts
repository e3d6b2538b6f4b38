import { expect } from "chai";
import { type AccessTokens, createAccessTokens } from "../../src/accounts/sessions/access-tokens.js";
import { type Authenticate, createAuthenticator } from "../../src/accounts/sessions/authenticate.js";
import { derivedSigningKey, fixedSigningKeys } from "../../src/accounts/signing-keys/signing-keys.js";
import type { Caller } from "../../src/call.js";
import { ApiError } from "../../src/errors.js";
import { reasonOf } from "../support/outcomes.js";

const caller: Caller = {
  id: 7,
  role: "ROLE_STUDENT",
  sessionId: "3f0a2c4e-9b1d-4c8e-8f5a-0123456789ab",
  means: "bearer",
};

describe("the authenticator", () => {
  let now = Date.parse("2026-11-23T12:00:00Z");
  let tokens: AccessTokens;
  let verifications = 0;
  let revoked: Set<string>;
  let lookUp: ((caller: Caller) => Promise<boolean>) | undefined;
  let authenticate: Authenticate;

  before(async () => {
    const keys = fixedSigningKeys([await derivedSigningKey("k".repeat(32))]);
    const real = createAccessTokens({ keys, minutes: 10, now: () => now });
    tokens = {
      ...real,
      verify(token) {
        verifications++;
        return real.verify(token);
      },
    };
  });
  beforeEach(() => {
    verifications = 0;
    revoked = new Set();
    lookUp = undefined;
    const isRevoked = (one: Caller) => lookUp?.(one) ?? revoked.has(one.sessionId);
    authenticate = createAuthenticator({
      accessTokens: tokens,
      revocations: { isRevoked },
      remembered: 3,
      now: () => now,
    });
  });

  async function refusal(header: string | undefined): Promise<ApiError> {
    try {
      await authenticate(header);
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
    throw new Error("it was let in");
  }

  it("finds the caller of a bearer token, in any case of the scheme", async () => {
    const token = await tokens.issue(caller);
    expect(await authenticate(`Bearer ${token}`)).to.deep.equal(caller);
    expect(await authenticate(`bearer ${token}`)).to.deep.equal(caller);
    expect(await authenticate(`BEARER  ${token}`)).to.deep.equal(caller);
  });

  it("verifies a token once, and is synchronous for it from then on", async () => {
    const header = `Bearer ${await tokens.issue(caller)}`;
    await authenticate(header);
    expect(authenticate(header)).to.deep.equal(caller);
    expect(verifications).to.equal(1);
  });

  it("throws UNAUTHENTICATED without a bearer token, with a challenge that has no error code", async () => {
    for (const header of [undefined, "", "Basic bWFzaGE6MTIz", "Bearer", "Bearertoken"]) {
      const { reason, more } = await refusal(header);
      expect(reason).to.equal("UNAUTHENTICATED");
      expect(more.headers).to.deep.equal({ "WWW-Authenticate": 'Bearer realm="lyceum"' });
    }
  });

  it("throws INVALID_TOKEN for a token that is not valid, with a challenge that has an error code", async () => {
    for (const header of [
      "Bearer ",
      "Bearer x",
      `Bearer ${"x".repeat(100_000)}`,
      `Bearer ${await tokens.issue(caller)}, Basic x`,
    ]) {
      const { reason, more } = await refusal(header);
      expect(reason).to.equal("INVALID_TOKEN");
      expect(more.headers?.["WWW-Authenticate"]).to.match(
        /^Bearer realm="lyceum", error="invalid_token", error_description="[a-z, ]+"$/,
      );
    }
  });

  it("refuses a token after its session was revoked", async () => {
    const [seen, fresh] = [`Bearer ${await tokens.issue(caller)}`, `Bearer ${await tokens.issue(caller)}`];
    await authenticate(seen);
    revoked.add(caller.sessionId);
    expect((await refusal(seen)).reason).to.equal("INVALID_TOKEN");
    expect((await refusal(fresh)).reason).to.equal("INVALID_TOKEN");
  });

  it("lets nobody in before it is known whether the session was revoked, and passes on that it cannot be known", async () => {
    const header = `Bearer ${await tokens.issue(caller)}`;
    await authenticate(header);
    let decide: (isRevoked: boolean) => void = () => undefined;
    lookUp = () => new Promise((resolve) => (decide = resolve));
    const [one, other] = [authenticate(header), (decide(false), authenticate(header))];
    decide(true);
    expect(await one).to.deep.equal(caller);
    expect(await reasonOf(Promise.resolve(other))).to.equal("INVALID_TOKEN");
    lookUp = async () => {
      throw new ApiError("DATABASE_UNAVAILABLE", "No answer");
    };
    expect((await refusal(header)).reason).to.equal("DATABASE_UNAVAILABLE");
  });

  it("removes a token from the cache when it expires", async () => {
    const header = `Bearer ${await tokens.issue(caller)}`;
    await authenticate(header);
    now += 606_000;
    expect((await refusal(header)).reason).to.equal("INVALID_TOKEN");
    expect((await refusal(header)).reason).to.equal("INVALID_TOKEN");
    expect(verifications).to.equal(2);
  });

  it("caches a limited number of tokens, and accepts the others too", async () => {
    const headers: string[] = [];
    for (let count = 0; count < 5; count++) headers.push(`Bearer ${await tokens.issue(caller)}`);
    for (const header of headers) await authenticate(header);
    expect(headers.map((header) => authenticate(header) instanceof Promise)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(await authenticate(headers[0])).to.deep.equal(caller);
  });

  it("does not cache a token that is not valid", async () => {
    for (let count = 0; count < 3; count++) await refusal("Bearer x");
    expect(verifications).to.equal(3);
  });
});
