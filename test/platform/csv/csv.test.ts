// CSV files as people have them: their encodings, line numbers, faults, and texts that a spreadsheet would evaluate.
import { expect } from "chai";
import fc from "fast-check";
import { decodeText } from "../../../src/platform/csv/decode-text.js";
import { readCsv } from "../../../src/platform/csv/read-csv.js";
import { csvLine, defused, withoutApostrophe } from "../../../src/platform/csv/write-csv.js";

const utf16 = (text: string, isBig: boolean): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return isBig ? bytes.swap16() : bytes;
};

describe("the text of a file", () => {
  const text = "Имя;ёлка €";

  it("is told by its mark, else by whether it is UTF-8, and is Windows-1251 else", () => {
    const cyrillic = Buffer.from([0xc8, 0xec, 0xff, 0x3b, 0xb8, 0xeb, 0xea, 0xe0, 0x20, 0x88]);
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      utf16(text, false),
      utf16(text, true),
      cyrillic,
    ])
      expect(decodeText(bytes)).to.equal(text);
    expect(decodeText(Buffer.alloc(0))).to.equal("");
  });

  it("is none where the bytes are not what their mark says", () => {
    expect(decodeText(Buffer.from([0xef, 0xbb, 0xbf, 0xff]))).to.equal(undefined);
    expect(decodeText(Buffer.from([0xff, 0xfe, 0x41]))).to.equal(undefined);
    expect(decodeText(Buffer.from([0xfe, 0xff, 0xd8, 0x00]))).to.equal(undefined);
  });
});

describe("a CSV file", function () {
  this.timeout(20_000);

  it("has rows with the lines in which they begin, whatever the line breaks and the delimiter", async () => {
    for (const end of ["\n", "\r\n", "\r"])
      for (const delimiter of [",", ";", "\t"]) {
        const lines = ["a,b", '1,"x', 'y,""z"', "", ",", "2,3"].map((line) => line.replaceAll(",", delimiter));
        const { rows, fault } = await readCsv(lines.join(end), 10);
        expect(fault).to.equal(undefined);
        expect(rows).to.deep.equal([
          { line: 1, cells: ["a", "b"] },
          { line: 2, cells: ["1", `x\ny${delimiter}"z`] },
          { line: 6, cells: ["2", "3"] },
        ]);
      }
  });

  it("is read up to a wrong quote, which is told by the line of its row", async () => {
    for (const wrong of ['1,"x', '1,"x" y', '1,x "y" z', '"1\n2"x,3']) {
      const { rows, fault } = await readCsv(`a,b\n"m\nn",0\n\n${wrong}\n2,3\n4,"5"\n`, 10);
      expect(
        rows.map(({ line }) => line),
        wrong,
      ).to.deep.equal([1, 2]);
      expect(fault, wrong).to.deep.equal({ line: 5, rule: "csv.quote" });
    }
  });

  it("has as many rows as are asked for, and ten times as many lines, and tells another one", async () => {
    expect(await readCsv("a\n1\n\n2\n", 3)).to.have.property("fault", undefined);
    expect(await readCsv("a\n1\n\n2\n3\n4", 3)).to.have.deep.property("fault", { line: 5, rule: "csv.rows" });
    expect(await readCsv(`a${"\n".repeat(29)}`, 3)).to.deep.equal({
      rows: [{ line: 1, cells: ["a"] }],
      fault: undefined,
    });
    expect(await readCsv(`a${"\n".repeat(30)}`, 3)).to.deep.equal({ rows: [], fault: { line: 31, rule: "csv.lines" } });
  });

  it("costs little however hostile it is", async () => {
    for (const text of [
      '"'.repeat(10_000_000),
      "x".repeat(10_000_000),
      ",".repeat(10_000_000),
      `a\n"${"\n".repeat(10_000_000)}`,
      "\n".repeat(10_000_000),
      "\r".repeat(10_000_000),
      " ;\r\n".repeat(2_000_000),
    ])
      expect((await readCsv(text, 10_000)).fault?.rule).to.be.oneOf(["csv.row_size", "csv.quote", "csv.lines"]);
  });

  it("leaves others a turn after some rows, all the time", async () => {
    const row = "Мария,Иванова,maria.ivanova@example.org,7\n";
    let turns = 0;
    let isRead = false;
    const count = (): void => void (isRead || (turns++, setImmediate(count)));
    setImmediate(count);
    const { rows } = await readCsv(row.repeat(5_000), 10_000);
    isRead = true;
    expect(rows).to.have.length(5_000);
    // A slice of 1,024 letters has some twenty-five of these rows.
    expect(turns).to.be.at.least(200);
  });

  it("is read without a failure whatever the text, and its lines ascend", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.constantFrom('"', ",", ";", "\t", "\n", "\r", '""', "\0", "=", "'"),
            fc.string({ unit: "binary" }),
          ),
          {
            maxLength: 40,
          },
        ),
        async (parts) => {
          const text = parts.join("");
          const { rows, fault } = await readCsv(text, 5);
          const lines = [...rows.map(({ line }) => line), ...(fault ? [fault.line] : [])];
          expect(lines).to.deep.equal([...new Set(lines)].sort((a, b) => a - b));
          expect(lines.at(-1) ?? 1).to.be.at.most(text.split(/\r\n|\r|\n/).length);
        },
      ),
    ));
});

describe("a text in a CSV file", () => {
  it("that a spreadsheet would evaluate has an apostrophe, which is taken away again", () => {
    for (const text of ["=1+1", "+7 900", "-1", "@x", "\tx", "\rx", "'=1", "''=1", "=", "＝1"]) {
      expect(defused(text)).to.equal(`'${text}`);
      expect(withoutApostrophe(defused(text))).to.equal(text);
    }
    for (const text of ["", "Anna", "'Anna", "O'Brien", "1-1", " =1"]) {
      expect(defused(text)).to.equal(text);
      expect(withoutApostrophe(text)).to.equal(text);
    }
  });

  it("is read as it was written", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.oneof(fc.string(), fc.stringMatching(/^['=+@\t",;-]{1,4}$/)), { minLength: 2, maxLength: 4 }),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        async (lines) => {
          const written = [["first", "line"], ...lines].map(csvLine).join("");
          const { rows } = await readCsv(written, 100);
          // A tab has an apostrophe before it, and is something then.
          const filled = lines.filter((cells) => cells.some((cell) => defused(cell).trim() !== ""));
          expect(rows.slice(1).map(({ cells }) => cells.map(withoutApostrophe))).to.deep.equal(filled);
        },
      ),
    ));
});
