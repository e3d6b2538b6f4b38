import { randomBytes, randomUUID } from "node:crypto";
import { expect } from "chai";
import { createRefreshTokens } from "../../src/accounts/sessions/refresh-tokens.js";
import { derivedSigningKey, fixedSigningKeys } from "../../src/accounts/signing-keys/signing-keys.js";

const derived = await derivedSigningKey("a secret key of forty bytes, for the tests");
const second = { ...(await derivedSigningKey("the random secret of a key that was made later")), id: 300 };

describe("refresh tokens", () => {
  const tokens = createRefreshTokens(fixedSigningKeys([derived]));
  const rotated = createRefreshTokens(fixedSigningKeys([derived, second]));
  const place = { sessionId: randomUUID(), generation: 3 };

  it("encode their session and generation", async () => {
    expect(await tokens.read(tokens.write(place))).to.deep.equal(place);
    const far = { sessionId: randomUUID(), generation: 2 ** 47 };
    expect(await tokens.read(tokens.write(far))).to.deep.equal(far);
  });

  it("are the same for the same place, and different for every other", async () => {
    expect(tokens.write(place)).to.equal(tokens.write({ ...place }));
    expect(tokens.write(place)).not.to.equal(tokens.write({ ...place, generation: 4 }));
    expect(tokens.write(place)).not.to.equal(tokens.write({ ...place, sessionId: randomUUID() }));
  });

  it("have 72 characters of base64url, as the contract says", async () => {
    expect(tokens.write(place)).to.match(/^[A-Za-z0-9_-]{72}$/);
  });

  it("are not valid under another server key", async () => {
    const others = createRefreshTokens(
      fixedSigningKeys([await derivedSigningKey("another secret key of forty bytes or more")]),
    );
    expect(await others.read(tokens.write(place))).to.equal(undefined);
  });

  it("name the key that has signed them, but for the first, and are valid for as long as it is held", async () => {
    const token = rotated.write(place);
    expect(token).to.match(/^[A-Za-z0-9_-]{80}$/);
    expect(await rotated.read(token)).to.deep.equal(place);
    expect(await rotated.read(tokens.write(place))).to.deep.equal(place);
    expect(await tokens.read(token)).to.equal(undefined);
    expect(await createRefreshTokens(fixedSigningKeys([second])).read(tokens.write(place))).to.equal(undefined);
  });

  for (const writer of [tokens, rotated])
    it(`of ${writer.write(place).length} characters are refused with any one changed`, async () => {
      const token = writer.write(place);
      for (let index = 0; index < token.length; index++) {
        const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
        expect(await rotated.read(changed), `character ${index}`).to.equal(undefined);
      }
    });

  for (const [fault, token] of Object.entries({
    "nothing at all": "",
    "one character less": tokens.write(place).slice(1),
    "one character more": `${tokens.write(place)}A`,
    padding: `${tokens.write(place)}==`,
    "a line break": `${tokens.write(place)}\n`,
    "random bytes": randomBytes(54).toString("base64url"),
    "random bytes of another length": randomBytes(60).toString("base64url"),
    "the letters of another alphabet": "я".repeat(72),
    zeros: "A".repeat(72),
    "more zeros": "A".repeat(80),
  })) {
    it(`are refused with ${fault}`, async () => {
      expect(await tokens.read(token)).to.equal(undefined);
    });
  }
});
