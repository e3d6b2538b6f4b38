import { expect } from "chai";
import { zipSync } from "fflate";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectMediaType } from "../../../src/platform/media/media-type.js";
import { inlineTypes, isRunByBrowsers, servingOf } from "../../../src/platform/media/serving.js";
import { isTextType, textTypeOf } from "../../../src/platform/media/text-types.js";

const png = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");
const docx = Buffer.from(
  zipSync(
    { "word/document.xml": Buffer.alloc(100_000, "<w:p/>"), "[Content_Types].xml": Buffer.from("<Types/>") },
    { level: 0 },
  ),
);
const html = "<!doctype html><script>alert(1)</script>";

describe("The media type of a file", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "lyceum-media-"))));
  after(() => rm(folder, { recursive: true }));

  async function typeOf(name: string, content: string | Buffer): Promise<string> {
    const path = join(folder, "part");
    await writeFile(path, content);
    return detectMediaType(path, name);
  }

  it("is told by the content, whatever the name says", async () => {
    expect(await typeOf("a.png", png)).equal("image/png");
    expect(await typeOf("a.html", png)).equal("image/png");
    expect(await typeOf("a.txt", Buffer.from("ffd8ffe000104a464946", "hex"))).equal("image/jpeg");
    expect(await typeOf("a.jpg", "GIF89a\x01\x00\x01\x00\x00")).equal("image/gif");
    expect(await typeOf("a", "%PDF-1.7\n%\xe2\xe3")).equal("application/pdf");
    expect(await typeOf("a.png", html)).equal("application/octet-stream");
    expect(await typeOf("a.pdf", "PDF")).equal("application/octet-stream");
    expect(await typeOf("a.png", "")).equal("application/octet-stream");
  });

  it("is that of the archive that a name says, where the content is one", async () => {
    expect(await typeOf("a.docx", docx)).match(/wordprocessingml\.document$/);
    expect(await typeOf("a.png", docx)).equal("application/zip");
    expect(await typeOf("a.docx", png)).equal("image/png");
  });

  it("is that of a text by its extension when all of it is UTF-8 without NUL and the like", async () => {
    expect(await typeOf("a.py", "print('я')")).equal("text/plain");
    expect(await typeOf("a.CSV", "\ufeffимя;класс")).equal("text/csv");
    expect(await typeOf("a.txt", "")).equal("text/plain");
    expect(await typeOf("a.txt", "BM: the first letters of a bitmap")).equal("text/plain");
    expect(await typeOf("a.html", html)).equal("text/html");
    expect(await typeOf("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")).equal("image/svg+xml");
    for (const bytes of [
      "a\0",
      Buffer.from("привет", "utf16le"),
      Buffer.from("\ufeff<?xml", "utf16le"),
      Buffer.from([0xe9]),
      Buffer.from([0x41, 0xf0, 0x9f]),
    ]) {
      expect(await typeOf("a.txt", bytes)).equal("application/octet-stream");
    }
    // The library says XML, a calendar and a card of a person: without the check of the text they are none.
    for (const text of ["<?xml version='1.0'?><x/>", "BEGIN:VCALENDAR\n", "BEGIN:VCARD\n", "WEBVTT\n"]) {
      expect(await typeOf("a.dat", text)).equal("application/octet-stream");
    }
  });

  it("finds a broken letter anywhere in a long text, and none where letters cross the chunks of reading", async () => {
    for (const letter of ["я", "漢", "😀"]) {
      for (let shift = 0; shift < 4; shift++) {
        const text = Buffer.from(`${"x".repeat(shift)}${letter.repeat(200_000)}`);
        expect(await typeOf("a.txt", text)).equal("text/plain");
        expect(await typeOf("a.txt", text.subarray(0, -1))).equal("application/octet-stream");
        text[shift + 2 * 65_536] = 0xff;
        expect(await typeOf("a.txt", text)).equal("application/octet-stream");
      }
    }
  });

  it("throws nothing but the errors of the disk", async () => {
    expect(await detectMediaType(join(folder, "none"), "a.txt").catch((error: Error) => error.message)).match(/ENOENT/);
  });
});

describe("The serving of a file", () => {
  it("shows only what no browser runs, and gives what a browser would run no type", () => {
    for (const type of [
      "text/html",
      "IMAGE/SVG+XML",
      "application/xml; charset=utf-8",
      "text/javascript",
      "application/x-javascript",
    ]) {
      expect(servingOf(type), type).eql({ contentType: "application/octet-stream", kind: "attachment" });
    }
    for (const type of [
      "application/mathml+xml",
      "application/xslt+xml",
      "application/ecmascript",
      "application/x-shockwave-flash",
    ]) {
      expect(isRunByBrowsers(type), type).equal(true);
    }
    expect([...inlineTypes].filter(isRunByBrowsers)).eql([]);
    expect(servingOf("image/png")).eql({ contentType: "image/png", kind: "inline" });
    expect(servingOf("text/plain")).eql({ contentType: "text/plain; charset=utf-8", kind: "inline" });
    expect(servingOf("text/csv")).eql({ contentType: "text/csv; charset=utf-8", kind: "attachment" });
    expect(servingOf("application/pdf")).eql({ contentType: "application/pdf", kind: "attachment" });
    expect(servingOf("what/ever")).eql({ contentType: "what/ever", kind: "attachment" });
  });

  it("knows each type of texts as one, and finds it by the extension", () => {
    expect(isTextType("text/plain") && isTextType("image/svg+xml")).equal(true);
    expect(isTextType("image/png") || isTextType("constructor")).equal(false);
    expect(textTypeOf("a.b.JS")).equal("text/javascript");
    expect(textTypeOf("a.exe") ?? textTypeOf("html") ?? textTypeOf("a.constructor")).equal(undefined);
  });
});
