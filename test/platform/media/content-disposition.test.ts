import { expect } from "chai";
import fc from "fast-check";
import { createRequire } from "node:module";
import { contentDisposition, readContentDisposition } from "../../../src/platform/media/content-disposition.js";
import { cleanFileName } from "../../../src/platform/media/file-name.js";
import { repeats } from "../../support/numbers.js";

/** The implementation that Koa brings, which is not ours. */
interface Other {
  (name: string, options: { type: string; fallback?: string }): string;
  parse(header: string): { type: string; parameters: Record<string, string> };
}
const other = createRequire(createRequire(import.meta.url).resolve("koa"))("content-disposition") as Other;

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc
    .array(fc.constantFrom('"', "\\", "%", "%41", "\r\n", ";", "'", "*", "=", "я", "é", "😀", " ", "a", ".", ","))
    .map((parts) => parts.join("")),
);

describe("Content-Disposition", () => {
  it("is printable ASCII, and another parser reads the name in it, whatever the name is", () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom("inline" as const, "attachment" as const), (text, kind) => {
        const header = contentDisposition(kind, text);
        expect(header).match(/^[\x20-\x7e]+$/);
        expect(header).match(/^\w+; filename="[^"\\%]*"(?:; filename\*=UTF-8''[!#$&+.^_`|~\w%-]+)?$/);
        const { type, parameters } = other.parse(header);
        expect({ type, name: parameters["filename"] }).eql({ type: kind, name: cleanFileName(text) });
        expect(readContentDisposition(header)).eql({ name: cleanFileName(text) });
      }),
      { numRuns: repeats(200, 1000) },
    );
  });

  it("has a name in ASCII for old clients", () => {
    expect(contentDisposition("inline", "a b.png")).equal('inline; filename="a b.png"');
    expect(contentDisposition("attachment", "Отчёт №1.pdf")).equal(
      "attachment; filename=\"_____ _1.pdf\"; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%20%E2%84%961.pdf",
    );
    expect(contentDisposition("attachment", "50%41.txt")).equal(
      "attachment; filename=\"50_41.txt\"; filename*=UTF-8''50%2541.txt",
    );
  });

  it("is read as other programs write it", () => {
    fc.assert(
      fc.property(anyName, (text) => {
        // The other implementation takes "%" in the plain name for itself as well.
        const name = cleanFileName(text);
        expect(readContentDisposition(other(name, { type: "attachment" }))).eql({ name });
      }),
    );
    const read: Readonly<Record<string, string | undefined>> = {
      attachment: undefined,
      "form-data; name=f": undefined,
      'attachment; filename=""': undefined,
      "attachment;filename=a.png": "a.png",
      "ATTACHMENT ; FileName = a.png ;": "a.png",
      'attachment; filename="a\\"b\\\\c.png"': "c.png",
      'attachment; filename="a%20b.png"': "a%20b.png",
      [bytes('attachment; filename="Отчёт.pdf"')]: "Отчёт.pdf",
      [bytes("attachment; filename=Отчёт.pdf")]: "Отчёт.pdf",
      'attachment; filename="\xe9t\xe9.pdf"': "été.pdf",
      "attachment; filename=a; filename*=utf-8'ru'%D0%B6.txt": "ж.txt",
      "attachment; filename*=UTF-8''%c3%83%c2%a9.txt; filename=a": "Ã©.txt",
      // RFC 6266 has the plain name where the other cannot be read.
      "attachment; filename=a; filename*=UTF-8''%ff": "a",
      "attachment; filename=a; filename*=iso-8859-1''%e9": "a",
      "attachment; filename=a; filename*=UTF-8''%4": "a",
      "attachment; filename*=UTF-8''%80": undefined,
      "attachment; filename*=UTF-8''..%2f..%2fx.png": "x.png",
      "attachment; filename*=UTF-8''a%00%0d%0ab": "ab",
    };
    for (const [header, name] of Object.entries(read)) {
      expect(readContentDisposition(header), header).eql(name === undefined ? {} : { name });
    }
  });

  it("is refused when it breaks the grammar or says something twice", () => {
    const broken = [
      "",
      ";",
      "=",
      "attachment; filename",
      "attachment; filename=",
      'attachment; filename="a',
      "attachment; filename=a b",
    ];
    const more = [
      "attachment, inline",
      "attachment; filename=a; filename=b",
      'attachment; filename="a"b',
      'attachment; filename="a\0"',
    ];
    for (const header of [...broken, ...more, "attachment; filename*=UTF-8''a; FILENAME*=UTF-8''b", '"attachment"']) {
      expect(readContentDisposition(header), header).equal(undefined);
    }
  });

  it("is read or refused in any bytes", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
        (text) => {
          readContentDisposition(text);
          readContentDisposition(`attachment; filename="${text}"; filename*=${text}`);
        },
      ),
    );
  });
});

function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
