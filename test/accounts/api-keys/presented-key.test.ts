import { expect } from "chai";
import { newKey, shownPart } from "../../../src/accounts/api-keys/key-text.js";
import { type KeyHeaders, presentedKey } from "../../../src/accounts/api-keys/presented-key.js";

const [key, other] = [newKey(), newKey()];
const basic = (text: string, scheme = "Basic"): KeyHeaders => ({
  authorization: `${scheme} ${Buffer.from(text).toString("base64")}`,
});

describe("the API key of a request", () => {
  const cases: readonly (readonly [what: string, headers: KeyHeaders, found: string | undefined | "none"])[] = [
    ["nothing", {}, "none"],
    ["an access token", { authorization: "Bearer a.b.c" }, "none"],
    ["another scheme", { authorization: `Digest ${key}` }, "none"],
    ["a scheme alone", { authorization: "Bearer" }, "none"],
    ["Basic without a key", basic("bob:secret"), "none"],
    ["Basic without a colon", basic(key), "none"],
    ["Basic that is no base64", { authorization: "Basic %%%" }, "none"],
    ["X-API-Key", { "x-api-key": key }, key],
    ["an empty X-API-Key, which is no key", { "x-api-key": "" }, ""],
    ["two of them, which node:http joins", { "x-api-key": `${key}, ${key}` }, `${key}, ${key}`],
    ["a bearer token", { authorization: `Bearer ${key}` }, key],
    ["a bearer token, in any case and with blanks", { authorization: `bEARER   ${key}` }, key],
    ["the user name of Basic", basic(`${key}:`), key],
    ["the user name, in any case of the scheme", basic(`${key}:`, "bASIC "), key],
    ["the user name, with a password that is no key", basic(`${key}:x`), key],
    ["the password of Basic", basic(`:${key}`), key],
    ["the password, beside an address", basic(`bob@example.org:${key}`), key],
    ["the password, beside what is shown of it", basic(`${shownPart(key)}:${key}`), key],
    ["the same twice", { "x-api-key": key, authorization: `Bearer ${key}` }, key],
    ["the same three times", { "x-api-key": key, ...basic(`${key}:${key}`) }, key],
    ["a key beside a password for a proxy", { "x-api-key": key, ...basic("bob:secret") }, key],
    ["a key and another", { "x-api-key": key, authorization: `Bearer ${other}` }, undefined],
    ["a key and another in Basic", { "x-api-key": key, ...basic(`${other}:`) }, undefined],
    ["two keys in Basic", basic(`${other}:${key}`), undefined],
    ["a key and an access token", { "x-api-key": key, authorization: "Bearer a.b.c" }, undefined],
    ["nonsense and an access token", { "x-api-key": "nonsense", authorization: "Bearer a.b.c" }, undefined],
  ];
  for (const [what, headers, found] of cases)
    it(`is found in ${what}`, () => {
      expect(presentedKey(headers)).to.deep.equal(found === "none" ? undefined : { key: found });
    });
});
