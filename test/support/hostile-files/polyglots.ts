// Files that are two things at once, and files that begin as something they are not.
import { deflateSync } from "node:zlib";
import { page, script } from "./hostile-file.js";
import { zip } from "./archives.js";
import { chunk, gif, gifOfFrames, jpeg, jpegWith, png, webp, webpWith } from "./images.js";

const small = png({ width: 8, height: 8 });
const exif = (text: string): Buffer => {
  // Big-endian TIFF with one entry: ImageDescription.
  const data = Buffer.from(`${text}\0`);
  const head = Buffer.from("4578696600004d4d002a000000080001010e0002000000000000001a00000000", "hex");
  head.writeUInt32BE(data.length, 20);
  return Buffer.concat([head, data]);
};

/** Images that are something else too, by what they are. A decoder takes the image of them, so that what is written anew is nothing else. */
export const imagePolyglots: Readonly<Record<string, Buffer>> = {
  "a GIF and a script behind it": Buffer.concat([gif, Buffer.from(`/*${script}*/=1;alert(1)`)]),
  "a GIF with a script in its comment": Buffer.concat([
    gif.subarray(0, 19),
    Buffer.from([0x21, 0xfe, script.length]),
    Buffer.from(script),
    Buffer.from([0]),
    gif.subarray(19),
  ]),
  "a GIF and a ZIP": Buffer.concat([gif, zip({ "index.html": page })]),
  "a GIF and a page": Buffer.concat([gif, Buffer.from(page)]),
  "a GIF of two thousand frames": gifOfFrames(2000),
  "a PNG and a page": Buffer.concat([small, Buffer.from(page)]),
  "a PNG and a ZIP": Buffer.concat([small, zip({ "index.html": page })]),
  "a PNG with a page as its text": png({ width: 8, height: 8 }, [
    chunk("tEXt", Buffer.from(`Comment\0${page}`, "latin1")),
  ]),
  "a PNG with a page as its first chunk": png({ width: 8, height: 8 }, [chunk("aaAa", Buffer.from(page))]),
  "a PNG with a script in a packed text": png({ width: 8, height: 8 }, [
    chunk("zTXt", Buffer.concat([Buffer.from("x\0\0"), deflateSync(script)])),
  ]),
  "a PNG with a script in its EXIF": png({ width: 8, height: 8 }, [chunk("eXIf", exif(script).subarray(6))]),
  "a PNG with a packed text of 64 MB": png({ width: 8, height: 8 }, [
    chunk("zTXt", Buffer.concat([Buffer.from("x\0\0"), deflateSync(Buffer.alloc(64 << 20), { level: 1 })])),
  ]),
  "a JPEG and a ZIP and a script": Buffer.concat([jpeg, zip({ "x.js": "alert(1)" }), Buffer.from(script)]),
  "a JPEG and a page": Buffer.concat([jpeg, Buffer.from(page)]),
  "a JPEG with a page as its comment": jpegWith(0xfe, Buffer.from(page)),
  "a JPEG with a program of PHP as its comment": jpegWith(0xfe, Buffer.from("<?php system($_GET['c']); ?>")),
  "a JPEG with a script in its EXIF": jpegWith(0xe1, exif(script)),
  "a JPEG whose comment opens one of JavaScript": jpegWith(0xfe, Buffer.from(`*/=1;alert(1)/*${script}`)),
  "a JPEG with a script in its XMP": jpegWith(
    0xe1,
    Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${script}</x:xmpmeta>`),
  ),
  "a WebP and a page": Buffer.concat([webp, Buffer.from(page)]),
  "a WebP with a script in its XMP": webpWith("XMP ", Buffer.from(script)),
};

/** What begins as something else, or says so elsewhere, by what it is. */
export const otherPolyglots: Readonly<Record<string, Buffer>> = {
  "a script that begins as a GIF": Buffer.from(`GIF89a/*${script}*/=1;alert(1)`),
  "a page that begins as a GIF": Buffer.from(`GIF89a${page}`),
  "a page that begins as an old GIF": Buffer.from(`GIF87a${page}`),
  "a page that begins as a PNG": Buffer.concat([small.subarray(0, 8), Buffer.from(page)]),
  "a page that begins as a JPEG": Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(page)]),
  "a script that begins as a WebP": Buffer.from(`RIFF=1;WEBP;/*${script}*/alert(1)`),
  "a page that begins as a WebP": Buffer.from(`RIFF\0\0\0\0WEBPVP8 ${page}`),
  "a page that begins as a bitmap": Buffer.from(`BM${page}`),
  "a page that begins as a film": Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftypmp42${page}`)]),
  "a page that begins as sound": Buffer.from(`ID3\x04\0\0\0\0\0\0${page}`),
  "a page that begins as a wave": Buffer.from(`RIFF\0\0\0\0WAVE${page}`),
  "a page that begins as a font": Buffer.from(`wOFF\0\x01\0\0${page}`),
  "a page that begins as an icon": Buffer.from(`\0\0\x01\0${page}`),
  "a page that begins as a PDF": Buffer.from(`%PDF-1.7\n${page}`),
  "a PDF with a script": Buffer.from(
    "%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>",
  ),
  "a PDF behind a page": Buffer.from(`${page}\n%PDF-1.7\n`),
  "a PDF that loads a page": Buffer.from(
    "%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(javascript:alert(1))>>>>endobj",
  ),
  "a ZIP and a page": Buffer.concat([zip({ a: "b" }), Buffer.from(page)]),
  "a page and a ZIP": Buffer.concat([Buffer.from(page), zip({ a: "b" })]),
  "PostScript with a command": Buffer.from("%!PS-Adobe-3.0\n(%pipe%id) (w) file"),
  "a picture of Encapsulated PostScript": Buffer.from("%!PS-Adobe-3.0 EPSF-3.0\n/x {system} def"),
  "a picture of ImageMagick's own language": Buffer.from(
    "push graphic-context\nfill 'url(https://x/\"|id\")'\npop graphic-context",
  ),
  "a Flash film": Buffer.from("FWS\x06\x10\0\0\0page"),
  "a packed Flash film": Buffer.from("CWS\x06\x10\0\0\0page"),
  "a program of Windows": Buffer.from(`MZ\x90\0${page}`, "latin1"),
  "a program of Linux": Buffer.from(`\x7fELF\x02\x01\x01${page}`),
  "a program of Java": Buffer.from("cafebabe00000034", "hex"),
  WebAssembly: Buffer.from("0061736d01000000", "hex"),
  "a program for Word": Buffer.from("d0cf11e0a1b11ae1", "hex"),
  "rich text with an object": Buffer.from("{\\rtf1{\\object\\objhtml <script>}}"),
  "a TIFF": Buffer.from("49492a0008000000000000000000", "hex"),
  "a TIFF whose directory is itself": Buffer.from("49492a00080000000000080000000800", "hex"),
  "an AVIF": Buffer.from("0000001c667479706176696600000000617669666d696631", "hex"),
  "a HEIC": Buffer.from("00000018667479706865696300000000686569636d696631", "hex"),
  "a Matroska film of lengths without end": Buffer.from(`1a45dfa3${"01ffffffffffffff".repeat(300)}`, "hex"),
  "an ASF film of objects of no length": Buffer.concat([
    Buffer.from("3026b2758e66cf11a6d900aa0062ce6c", "hex"),
    Buffer.alloc(16_000),
  ]),
  "a PNG of ten thousand chunks": Buffer.concat([
    small.subarray(0, 33),
    ...Array<Buffer>(10_000).fill(chunk("aaAa", Buffer.alloc(0))),
  ]),
  "sound behind a tag that says 256 MB": Buffer.from("ID3\x04\0\0\x7f\x7f\x7f\x7f"),
  "tags of sound behind tags of sound": Buffer.from("ID3\x04\0\0\0\0\0\0".repeat(1500)),
};
