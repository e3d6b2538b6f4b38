import { expect } from "chai";
import { createDeviceTokens } from "../../src/accounts/sessions/device-tokens.js";

const email = "masha@example.org";
const tokens = createDeviceTokens("a secret key of at least 32 bytes");

describe("a device token", () => {
  it("names one device of one account, however the address is written", () => {
    const [one, other] = [tokens.issue(email), tokens.issue(email)];
    const id = tokens.read(one, " MASHA@example.org ");
    expect(id).to.match(/^[\w-]{22}$/);
    expect(tokens.read(one, email)).to.equal(id);
    expect(tokens.read(other, email)).not.to.equal(id);
    expect(tokens.read(one, "petya@example.org")).to.equal(undefined);
  });

  it("of another key, a changed one and any other text are none", () => {
    const token = tokens.issue(email);
    const others = ["", "x", `${token}A`, token.slice(1), token.replace(/^./, (first) => (first === "A" ? "B" : "A"))];
    for (const other of [undefined, ...others, createDeviceTokens("another key of at least 32 bytes").issue(email)])
      expect(tokens.read(other, email)).to.equal(undefined);
  });

  it("changed at any place is none", () => {
    const token = tokens.issue(email);
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      expect(tokens.read(changed, email)).to.equal(undefined);
    }
  });
});
