import { randomBytes, randomUUID } from "node:crypto";
import { expect } from "chai";
import { createRefreshTokens } from "../../src/accounts/sessions/refresh-tokens.js";

describe("refresh tokens", () => {
  const tokens = createRefreshTokens("a secret key of forty bytes, for the tests");
  const place = { sessionId: randomUUID(), generation: 3 };

  it("encode their session and generation", () => {
    expect(tokens.read(tokens.write(place))).to.deep.equal(place);
    const far = { sessionId: randomUUID(), generation: 2 ** 47 };
    expect(tokens.read(tokens.write(far))).to.deep.equal(far);
  });

  it("are the same for the same place, and different for every other", () => {
    expect(tokens.write(place)).to.equal(tokens.write({ ...place }));
    expect(tokens.write(place)).not.to.equal(tokens.write({ ...place, generation: 4 }));
    expect(tokens.write(place)).not.to.equal(tokens.write({ ...place, sessionId: randomUUID() }));
  });

  it("have 72 characters of base64url, as the contract says", () => {
    expect(tokens.write(place)).to.match(/^[A-Za-z0-9_-]{72}$/);
  });

  it("are not valid under another server key", () => {
    const others = createRefreshTokens("another secret key of forty bytes or more");
    expect(others.read(tokens.write(place))).to.equal(undefined);
  });

  it("are refused with any character changed", () => {
    const token = tokens.write(place);
    for (let index = 0; index < token.length; index++) {
      const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      expect(tokens.read(changed), `character ${index}`).to.equal(undefined);
    }
  });

  for (const [fault, token] of Object.entries({
    "nothing at all": "",
    "one character less": tokens.write(place).slice(1),
    "one character more": `${tokens.write(place)}A`,
    padding: `${tokens.write(place)}==`,
    "a line break": `${tokens.write(place)}\n`,
    "random bytes": randomBytes(54).toString("base64url"),
    "the letters of another alphabet": "я".repeat(72),
    zeros: "A".repeat(72),
  })) {
    it(`are refused with ${fault}`, () => {
      expect(tokens.read(token)).to.equal(undefined);
    });
  }
});
