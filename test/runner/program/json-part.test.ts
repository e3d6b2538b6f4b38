// The OpenAPI document of JSON alone is compared with that of all serializations.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { differences } from "../../../runner/program/json-part.js";
import { openApi } from "../../../src/contract/documents/openapi.js";
import { loadContract } from "../../../src/contract/model/load.js";

type Json = Record<string, unknown>;

const contract = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
const about = { title: "Lyceum", version: "1" };
const copyOf = (which: "json" | "all"): Json => JSON.parse(JSON.stringify(openApi(contract, about, which))) as Json;
const at = (document: Json, ...place: string[]): Json =>
  place.reduce((here, name) => here[name] as Json, document) as unknown as Json;

describe("the document of JSON alone", () => {
  it("says what the whole one says of JSON", () => {
    expect(differences(copyOf("json"), copyOf("all"))).to.deep.equal([]);
  });

  const chat = ["paths", "/v1/chats/{chat_id}"];
  for (const [what, change, words] of [
    [
      "another type",
      (part) => (at(part, "components", "schemas", "User", "properties", "id")["type"] = "string"),
      '/components/schemas/User/properties/id/type is "string", and in the whole "integer"',
    ],
    ["a lacking status", (part) => delete at(part, ...chat, "get", "responses")["404"], "/responses lacks 404"],
    [
      "a lacking media type",
      (part) => delete at(part, ...chat, "get", "responses", "200", "content")["application/json"],
      "/content lacks application/json",
    ],
    [
      "a lacking picture",
      (part) =>
        delete at(part, ...chat.slice(0, 1), `${chat[1]}/picture`, "get", "responses", "200", "content")["image/png"],
      "/content lacks image/png",
    ],
    ["a lacking body", (part) => delete at(part, ...chat, "patch")["requestBody"], "/patch lacks requestBody"],
    [
      "a new schema",
      (part) => (at(part, "components", "schemas")["New"] = {}),
      "/components/schemas/New is not in the whole",
    ],
    [
      "another parameter",
      (part) => (at(part, ...chat, "get")["parameters"] = [{ name: "other" }]),
      "/get/parameters has 1 members, of which 0 are in the whole",
    ],
    [
      "protobuf",
      (part) => {
        const content = at(part, ...chat, "get", "responses", "200", "content");
        content["application/protobuf"] = { schema: {} };
      },
      "/content/application~1protobuf is no JSON",
    ],
  ] as readonly [string, (part: Json) => void, string][]) {
    it(`is found to have ${what}`, () => {
      const part = copyOf("json");
      change(part);
      expect(differences(part, copyOf("all")).join("\n")).to.include(words);
    });
  }
});
