// The grammar of media types and of lists (RFC 9110, sections 5.6 and 8.3.1).
import { expect } from "chai";
import { parseMediaType, splitList } from "../../../src/contract/http/media-type.js";

function parsed(text: string): [string, Record<string, string>] | undefined {
  const media = parseMediaType(text);
  return media && [media.type, Object.fromEntries(media.params)];
}

describe("media types", () => {
  const readable: readonly [text: string, type: string, params: Record<string, string>][] = [
    ["application/json", "application/json", {}],
    ["  Application/JSON\t", "application/json", {}],
    ["*/*", "*/*", {}],
    ["a/b;charset=UTF-8", "a/b", { charset: "UTF-8" }],
    ['a/b; messageType="lyceum.v1.Chat"', "a/b", { messagetype: "lyceum.v1.Chat" }],
    ['a/b; x="a,b;c=\\"d\\\\"; y=1', "a/b", { x: 'a,b;c="d\\', y: "1" }],
    ["a/b;;; x=1;", "a/b", { x: "1" }],
    ["a/b; x=1; X=2", "a/b", { x: "1" }],
    ["a/b; flag; x=", "a/b", { flag: "", x: "" }],
    ['a/b; x=""', "a/b", { x: "" }],
    ["a/b; __proto__=1", "a/b", JSON.parse('{"__proto__":"1"}') as Record<string, string>],
  ];
  for (const [text, type, params] of readable) {
    it(`reads ${text}`, () => expect(parsed(text)).to.deep.equal([type, params]));
  }

  const unreadable = [
    "",
    " ",
    "json",
    "/",
    "a/",
    "/b",
    "a /b",
    "a/ b",
    "a/b c",
    "a/b; x = 1",
    'a/b; x="1',
    'a/b; x="1\\',
    'a/b; x="1"2',
    "a/b, c/d",
    "я/b",
  ];
  for (const text of unreadable) {
    it(`does not read ${JSON.stringify(text)}`, () => expect(parsed(text)).to.equal(undefined));
  }

  it("a list is split at commas outside of quotes, without empty members", () => {
    expect(splitList(' , a/b;x="1,\\",2" ,, c/d,')).to.deep.equal(['a/b;x="1,\\",2"', "c/d"]);
    expect(splitList("")).to.deep.equal([]);
  });

  it("a quote that is never closed extends to the end of the list", () => {
    expect(splitList('a/b, c/d;x="1, e/f')).to.deep.equal(["a/b", 'c/d;x="1, e/f']);
    expect(splitList('a/b;x="\\')).to.deep.equal(['a/b;x="\\']);
  });
});
