import { expect } from "chai";
import { ApiError } from "../../src/errors.js";
import { decodePageToken, encodePageToken, pageOf, pageSize, readPage } from "../../src/platform/page.js";

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
  it("a token gives back the key it was made from", () => {
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

  it("a token that was never made is refused", () => {
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

  it("a forged key is refused when its types are not those of the list, and when Postgres cannot hold it", () => {
    const keys: (string | number)[][] = [["1"], [1, 2], [], [1.5], [2 ** 53]];
    for (const key of keys)
      expect(reasonOf(() => decodePageToken(encodePageToken(scope, key), scope, [0]))).to.equal("INVALID_PAGE_TOKEN");
    expect(reasonOf(() => decodePageToken(encodePageToken(scope, ["a\0"]), scope, [""]))).to.equal(
      "INVALID_PAGE_TOKEN",
    );
    const nested = encodePageToken(scope, [[1] as unknown as number]);
    expect(reasonOf(() => decodePageToken(nested, scope))).to.equal("INVALID_PAGE_TOKEN");
  });

  it("a page begins after the key of its token, or at the start", () => {
    const page_token = encodePageToken(scope, [5]);
    const list = { scope, key: [0] };
    expect(readPage({ page_token }, list)).to.include({ skip: 0 }).and.have.deep.property("after", [5]);
    expect(readPage({ skip: 3 }, list)).to.include({ after: undefined, skip: 3 });
    expect(readPage({ page_token: "", skip: 3 }, list)).to.include({ after: undefined, skip: 3 });
    expect(reasonOf(() => readPage({ page_token, skip: 0 }, list))).to.equal("MALFORMED_REQUEST");
    expect(reasonOf(() => readPage({ page_token }, { scope, key: [""] }))).to.equal("INVALID_PAGE_TOKEN");
  });

  it("a page runs in the order of its list, upwards when that names none", () => {
    expect(readPage({}, { scope, key: [0] })).to.include({ isOldestFirst: true });
    expect(readPage({}, { scope, key: [0], isOldestFirst: false })).to.include({ isOldestFirst: false });
  });

  it("a page has as many rows as the request asks for, up to the maximum, and one more is read", () => {
    const limits = { defaultLimit: 5, maxLimit: 10 };
    for (const [limit, rows] of [
      [undefined, 5],
      [7, 7],
      [100, 10],
    ] as const) {
      expect(pageSize({ limit }, limits)).to.equal(rows);
      expect(readPage({ limit }, { scope, key: [0], limits })).to.include({ limit: rows + 1 });
    }
    expect(readPage({}, { scope, key: [0] })).to.include({ limit: 21 });
    expect(readPage({ limit: 1_000 }, { scope, key: [0] })).to.include({ limit: 101 });
  });

  it("the row too many is dropped, and a token is made from the last row that is kept", () => {
    const asked = readPage({ limit: 2 }, { scope, key: [0] });
    const page = pageOf([1, 2, 3], asked, (last) => [last]);
    expect(page.rows).to.deep.equal([1, 2]);
    expect(decodePageToken(page.next_page_token, scope)).to.deep.equal([2]);
    expect(pageOf([1, 2], asked, (last) => [last])).to.deep.equal({ rows: [1, 2], next_page_token: "" });
  });
});
