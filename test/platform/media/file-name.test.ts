import { expect } from "chai";
import fc from "fast-check";
import { cleanFileName, extensionOf } from "../../../src/platform/media/file-name.js";
import { repeats } from "../../support/numbers.js";

/** Texts in which everything that is hostile in a name is frequent. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ unit: "grapheme", maxLength: 4 }),
      fc.constantFrom(
        "/",
        "\\",
        ".",
        "..",
        " ",
        "\0",
        "\r\n",
        "\t",
        "\u202e",
        "\u2066",
        "\u200d",
        "\u200b",
        "\ufeff",
        "\ud800",
        "\udfff",

        '"',
        "%",
        "%2f",
        ":",
        "*",
        "<",
        "\u2028",
        "\u3000",
        "\u00a0",
        "\u0301",
        "\u037e",
        "\u212a",
        "\u2215",
        "\uffff",
        "con",
        "NUL",
        "com1",
        "LPT¹",
        "clock$",
        ".png",
        ".tar.gz",
        "é",
        "Ж",
        "漢",
        "👩‍🏫",
        "\u{e0100}",
        "\u{e0041}",
      ),
      fc.string({ maxLength: 4 }).map((text) => text.repeat(90)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("The name of a file", () => {
  it("is one that every system can store, whatever it was, and stays as it is", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const name = cleanFileName(text);
        expect(Buffer.byteLength(name)).within(1, 255);
        expect(name)
          .match(/^[^\s]/u)
          .and.match(/[^\s.]$/u);
        expect(name).not.match(/["*/:<>?\\|\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff\u200b]/u);
        expect(name).not.match(/^(?:con|prn|aux|nul|com\d|lpt\d|clock\$) *(?:\.|$)/i);
        expect(name.isWellFormed()).equal(true);
        expect(name.normalize("NFC")).equal(name);
        expect(cleanFileName(name)).equal(name);
      }),
      { numRuns: repeats(600, 3000) },
    );
  });

  it("is kept in any language, in the normal form NFC", () => {
    const kept = [
      "Отчёт по физике (1).pdf",
      "レポート／第１回.docx",
      "گزارش می‌خواهم.txt",
      "दस्तावेज़.png".normalize("NFC"),
      "👩‍🏫❤️.gif",
    ];
    for (const name of [
      ...kept,
      "été.jpg",
      ".gitignore",
      "archive.tar.gz",
      "a b  c.txt",
      "-rf",
      "葛󠄀.txt",
      "№ 5 – «тест».odt",
    ]) {
      expect(cleanFileName(name)).equal(name.normalize("NFC"));
    }
    expect(cleanFileName("и\u0306од.txt")).equal("йод.txt");
  });

  it("loses what is no name: folders, what is not seen, devices, and what systems drop at the end", () => {
    const cleaned: readonly (readonly [string, string])[] = [
      ["../../etc/passwd", "passwd"],
      ["C:\\Users\\me\\photo.png", "photo.png"],
      ["photo\u202egnp.exe", "photognp.exe"],
      ["a\0.png", "a.png"],
      ["a\r\nSet-Cookie: x=1", "aSet-Cookie_ x=1"],
      ["a.png. . ", "a.png"],
      ["и\u00ad\u0306.txt", "й.txt"],
      ["CON", "_CON"],
      ["nul .txt", "_nul .txt"],
      ["com¹.log", "_com¹.log"],
      ["cloc\u212a$.txt", "_clocK$.txt"],
      ["file:stream.txt", "file_stream.txt"],
      ["a∕b⁄c.txt", "a_b_c.txt"],
      ["\ud83d.png", ".png"],
    ];
    for (const [name, clean] of cleaned) expect(cleanFileName(name), JSON.stringify(name)).equal(clean);
    const nothing = [
      "",
      ".",
      "..",
      "...",
      " ",
      "/",
      "..\\",
      "\0",
      "\u200d",
      ". .\u200d.",
      "\u{e0100}",
      "\ufeff",
      "\u3164",
      "\ud800",
    ];
    for (const name of nothing) expect(cleanFileName(name), JSON.stringify(name)).equal("file");
  });

  it("is cut between letters, before its extension", () => {
    expect(cleanFileName(`${"я".repeat(200)}.docx`)).equal(`${"я".repeat(125)}.docx`);
    expect(cleanFileName(`a${"😀".repeat(200)}.png`)).equal(`a${"😀".repeat(62)}.png`);
    expect(cleanFileName("x".repeat(300))).equal("x".repeat(255));
    expect(cleanFileName(`a.${"x".repeat(300)}`)).equal(`a.${"x".repeat(253)}`);
    expect(cleanFileName(`${"x".repeat(254)}${" .".repeat(3)}y`)).equal(`${"x".repeat(253)}.y`);
  });

  it("has the extension after its last dot, in lower case", () => {
    const names = { "a.PNG": "png", "a.tar.gz": "gz", ".htaccess": "", a: "", "a.b c": "", "a.ж": "", "..js": "js" };
    for (const [name, extension] of Object.entries(names)) expect(extensionOf(name), name).equal(extension);
  });
});
