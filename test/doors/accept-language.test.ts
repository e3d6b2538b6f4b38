// The language of an answer, and what the answer says of it.
import { expect } from "chai";
import { preferredLanguage } from "../../src/contract/http/accept-language.js";
import { ResponseHeaders } from "../../src/contract/http/response-headers.js";

const choices: readonly (readonly [string | undefined, "en" | "ru"])[] = [
  [undefined, "en"],
  ["", "en"],
  ["ru", "ru"],
  ["RU", "ru"],
  ["ru-RU", "ru"],
  ["ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"],
  ["en-US,en;q=0.9,ru;q=0.8", "en"],
  ["en;q=0.5, ru;q=0.7", "ru"],
  ["en ; Q=0.5 ,\tru ; q=.7", "ru"],
  ["ru, en", "ru"],
  ["en, ru", "en"],
  ["uk, ru;q=0.1", "ru"],
  ["de-DE, fr", "en"],
  ["*", "en"],
  ["ru;q=0.3, *", "en"],
  ["ru;q=0.3, *;q=0.1", "ru"],
  ["en;q=0, *", "ru"],
  ["en;q=0", "ru"],
  ["ru;q=0, ru-RU", "en"],
  ["*;q=0", "en"],
  ["*;q=0, ru;q=0.1", "ru"],
  ["rus, russian, ru_RU, -ru", "en"],
  ["ru;q=x, en;q=0.9", "ru"],
  [`${"x".repeat(1024)}, ru`, "en"],
  [`${"fr,".repeat(64)}ru`, "en"],
  [`${";".repeat(900)},ru`, "ru"],
];

describe("Accept-Language", () => {
  for (const [header, language] of choices)
    it(`${header === undefined ? "that is absent" : `"${header.slice(0, 50)}"`} asks for ${language}`, () => {
      expect(preferredLanguage(header, ["en", "ru"])).equal(language);
    });

  it("is named in Vary, and the language in Content-Language, once however often it is asked for", () => {
    const context = { headers: ["X-Of-All", "yes"], vary: ", Origin" };
    new ResponseHeaders(context).setLanguage("en");
    new ResponseHeaders(context).setLanguage("ru");
    expect(context).deep.equal({
      headers: ["X-Of-All", "yes", "Content-Language", "ru"],
      vary: ", Origin, Accept-Language",
    });
  });
});
