import { expect } from "chai";
import { ApiError } from "../../src/errors.js";
import { decodePageToken, encodePageToken, pageOf, pageSize, pageStart } from "../../src/platform/page.js";

const reasonOf = (act: () => unknown): string => {
  try {
    return `answered with ${JSON.stringify(act())}`;
  } catch (error) {
    if (error instanceof ApiError) return error.reason;
    throw error;
  }
};

const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("pages", () => {
  const scope = ["people", 7, undefined, "чай"];
  it("a token gives back the key it was made of", () => {
    for (const key of [[1], ["ёж", 2], [0, -1, Number.MAX_SAFE_INTEGER], ["", 0], []])
      expect(decodePageToken(encodePageToken(scope, key), scope)).to.deep.equal(key);
  });

  it("a token can stand in a path or a query as it is", () => {
    expect(encodePageToken(scope, ["ёж?&=/+", 2])).to.match(/^[A-Za-z0-9_-]+$/);
  });

  it("a token is refused by another list, and with other filters", () => {
    const token = encodePageToken(scope, [1]);
    for (const other of [
      ["people", 8, undefined, "чай"],
      ["people", 7, undefined, "кофе"],
      ["people", 7, undefined],
      [],
    ])
      expect(reasonOf(() => decodePageToken(token, other))).to.equal("INVALID_PAGE_TOKEN");
  });

  it("what nobody made is refused, whatever it is", () => {
    const token = encodePageToken(scope, [1]);
    const texts = [
      "",
      "x",
      `${token}x`,
      `${token}=`,
      ` ${token}`,
      token.slice(1),
      "💥",
      forged(null),
      forged({}),
      forged([]),
    ];
    for (const text of texts) expect(reasonOf(() => decodePageToken(text, scope))).to.equal("INVALID_PAGE_TOKEN");
  });

  it("a forged key of other types than the list's, or that Postgres cannot hold, is refused", () => {
    const keys: (string | number)[][] = [["1"], [1, 2], [], [1.5], [2 ** 53]];
    for (const key of keys)
      expect(reasonOf(() => decodePageToken(encodePageToken(scope, key), scope, [0]))).to.equal("INVALID_PAGE_TOKEN");
    expect(reasonOf(() => decodePageToken(encodePageToken(scope, ["a\0"]), scope, [""]))).to.equal(
      "INVALID_PAGE_TOKEN",
    );
    const nested = encodePageToken(scope, [[1] as unknown as number]);
    expect(reasonOf(() => decodePageToken(nested, scope))).to.equal("INVALID_PAGE_TOKEN");
  });

  it("a page begins behind the key of its token, or at the start", () => {
    const page_token = encodePageToken(scope, [5]);
    expect(pageStart({ page_token }, scope, [0])).to.deep.equal([5]);
    expect(pageStart({ skip: 3 }, scope, [0])).to.equal(undefined);
    expect(pageStart({ page_token: "", skip: 3 }, scope, [0])).to.equal(undefined);
    expect(reasonOf(() => pageStart({ page_token, skip: 0 }, scope, [0]))).to.equal("MALFORMED_REQUEST");
  });

  it("a page has as many rows as were asked for, as far as there may be", () => {
    const limits = { defaultLimit: 5, maxLimit: 10 };
    expect(pageSize({}, limits)).to.equal(5);
    expect(pageSize({ limit: 7 }, limits)).to.equal(7);
    expect(pageSize({ limit: 100 }, limits)).to.equal(10);
    expect([pageSize({}), pageSize({ limit: 100 })]).to.deep.equal([20, 100]);
  });

  it("the row too many makes a token of the last row that is kept", () => {
    const page = pageOf([1, 2, 3], 2, scope, (last) => [last]);
    expect(page.rows).to.deep.equal([1, 2]);
    expect(decodePageToken(page.next_page_token, scope)).to.deep.equal([2]);
    expect(pageOf([1, 2], 2, scope, (last) => [last])).to.deep.equal({ rows: [1, 2], next_page_token: "" });
  });
});
