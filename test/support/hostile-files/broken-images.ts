// Images that break off, lie about their size, or cost their decoder more than their sender.
import { deflateSync } from "node:zlib";
import { chunk, gif, gifOfSize, jpeg, jpegOfScans, jpegOfSize, png, webp, webpOfCanvas, webpOfSize } from "./images.js";

const small = png(
  { width: 64, height: 64 },
  [],
  deflateSync(Buffer.from(Array.from({ length: 64 * 193 }, (_, at) => (at % 193 ? (at * 7) % 251 : 0)))),
);

/** By what they are; each is refused by a decoder. */
export const bombs: Readonly<Record<string, () => Buffer>> = {
  "a PNG of 30,000 x 30,000 pixels, all of them": () => png({ width: 30_000, height: 30_000, depth: 1, colour: 0 }),
  "a PNG that says 30,000 x 30,000": () => png({ width: 30_000, height: 30_000 }, [], deflateSync("")),
  "a PNG that says 2^31 - 1 x 2^31 - 1": () => png({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }, [], deflateSync("")),
  "a PNG that says 1 x 2^31 - 1": () => png({ width: 1, height: 2 ** 31 - 1 }, [], deflateSync("")),
  "a PNG of no width": () => png({ width: 0, height: 8 }, [], deflateSync("")),
  "a PNG of 41 megapixels": () => png({ width: 41_000, height: 1000, depth: 1, colour: 0 }),
  "a PNG whose pixels end early": () =>
    png({ width: 8, height: 9000 }, [], deflateSync(Buffer.alloc(1000), { level: 1 })),
  "a JPEG that says 65,500 x 65,500": () => jpegOfSize(65_500, 65_500),
  "a JPEG that says 65,535 x 65,535": () => jpegOfSize(65_535, 65_535),
  "a JPEG of no height": () => jpegOfSize(16, 0),
  "a JPEG of 6,000 x 6,000 in 883 scans": () => jpegOfScans(6000, 883),
  "a GIF that says 65,535 x 65,535": () => gifOfSize(65_535, 65_535),
  "a WebP that says 16,383 x 16,383": () => webpOfSize(16_383, 16_383),
  "a WebP whose canvas says 2^24 x 2^24": () => webpOfCanvas(2 ** 24, 2 ** 24),
  "a WebP whose canvas says 16,000 x 16,000": () => webpOfCanvas(16_000, 16_000),
};

/** Where a file of so many bytes breaks off. */
function cuts(bytes: Buffer): Buffer[] {
  return [0.05, 0.3, 0.6, 0.9].map((part) => bytes.subarray(0, Math.ceil(bytes.length * part)));
}

const whole = { png: small, jpeg, gif, webp };

/** Images that break off, by what they are. */
export const truncated: Readonly<Record<string, Buffer>> = Object.fromEntries(
  Object.entries(whole).flatMap(([name, bytes]) =>
    cuts(bytes).map((cut) => [`a ${name} of ${cut.length} bytes of ${bytes.length}`, cut]),
  ),
);

/** The signatures of formats with noise behind them, by what they are. */
export const wrongMagic: Readonly<Record<string, Buffer>> = Object.fromEntries(
  Object.entries({
    ...whole,
    bmp: Buffer.from("BM"),
    pdf: Buffer.from("%PDF-1.4"),
    zip: Buffer.from("PK\x03\x04"),
    mp4: Buffer.from("\0\0\0\x20ftypisom"),
    ogg: Buffer.from("OggS\0"),
    gzip: Buffer.from("1f8b08", "hex"),
  }).flatMap(([name, bytes]) => [
    [`the signature of ${name} before noise`, Buffer.concat([bytes.subarray(0, 12), noise(3000)])],
    [
      `noise in the middle of ${name}`,
      Buffer.concat([bytes.subarray(0, bytes.length / 2), noise(64), bytes.subarray(bytes.length / 2)]),
    ],
  ]),
);

/** Images that people have, and that a decoder must take, by what they are. */
export const oddImages: Readonly<Record<string, Buffer>> = {
  "a grey PNG of 16 bits": png({ width: 40, height: 30, depth: 16, colour: 0 }),
  "a PNG of 16 bits with alpha": png({ width: 40, height: 30, depth: 16, colour: 6 }),
  "a grey PNG with alpha": png({ width: 40, height: 30, colour: 4 }),
  "a PNG with a palette of one bit and transparency": png({ width: 40, height: 30, depth: 1, colour: 3 }),
  "an interlaced PNG": png({ width: 1, height: 1, isInterlaced: true }),
  "a PNG of one pixel": png({ width: 1, height: 1 }),
  "a PNG of 4,000 x 1": png({ width: 4000, height: 1 }),
  "a PNG that moves": png({ width: 8, height: 8 }, [chunk("acTL", Buffer.from("0000000100000000", "hex"))]),
  "a PNG of 39 megapixels": png({ width: 39_000, height: 1000, depth: 1, colour: 0 }),
  "a JPEG of 8 scans": jpegOfScans(640, 8),
};

function noise(length: number): Buffer {
  let state = 12_345;
  return Buffer.from(Array.from({ length }, () => ((state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 16) & 255));
}
