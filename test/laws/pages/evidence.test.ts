// The tests that docs/security.md names as what holds a promise exist.
import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";

const root = new URL("../../../", import.meta.url);

describe("the evidence of docs/security.md", () => {
  const page = readFileSync(new URL("docs/security.md", root), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:promise|---)/.test(line));

  it("is there for each promise", () => {
    expect(rows.length).to.be.above(30);
    for (const row of rows) expect(row).to.match(/\| `(?:test|suite)\/[^|]*\|$/);
  });

  it("is files of today", () => {
    const named = [...page.matchAll(/`((?:test|suite)\/[^`]+)`/g)].map(([, path]) => path!);
    expect(named.filter((path) => !existsSync(new URL(path, root)))).to.deep.equal([]);
  });
});
