// Each way to begin a session gives a client the same choices.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../../../src/contract/model/load.js";

/** The methods that answer with Tokens and take no wishes of their own. */
const others: Readonly<Record<string, string>> = {
  completeLogin: "the wishes are those of the login that it completes",
  issueToken: "the form is that of RFC 6749, and its clients hold their tokens",
  refresh: "it begins no session",
};

describe("the methods that begin a session", () => {
  const { methods } = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
  const answering = methods.filter(({ response }) => response.name === "Tokens");

  it("take the name of the device, and whether the tokens go into a cookie", () => {
    const without = answering.filter(
      ({ request: { fields }, reasons }) =>
        !(fields.device_name && fields.cookie && reasons.includes("CROSS_SITE_REQUEST")),
    );
    expect(without.map(({ handler }) => handler).sort()).to.deep.equal(Object.keys(others));
    expect(answering.length).to.be.greaterThan(without.length);
  });
});
