// Images of a few pixels, and such as say that they are large.
import { crc32, deflateSync } from "node:zlib";

/** 16 x 16 pixels. */
export const jpeg = Buffer.from(
  "/9j/2wBDAP//////////////////////////////////////////////////////////////////////////////////////2wBDAf//////////////////////////////////////////////////////////////////////////////////////wAARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AIAQ/9k=",
  "base64",
);
/** 16 x 16 pixels. */
export const webp = Buffer.from("UklGRiwAAABXRUJQVlA4ICAAAABwAQCdASoQABAADMDOJaACdAFAAAD+0MctQUR8n6IwAA==", "base64");
/** 16 x 16 pixels. */
export const gif = Buffer.from(
  "R0lGODlhEAAQAIAAAExpcTNmmSH5BAUAAAAALAAAAAAQABAAAAIOjI+py+0Po5y02ouzPgUAOw==",
  "base64",
);

/** What a PNG says of itself. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth?: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  readonly colour?: 0 | 2 | 3 | 4 | 6;
  readonly isInterlaced?: boolean;
}

/** A PNG with further chunks before its pixels, which are black; `pixels` in place of them. */
export function png(header: PngHeader, before: readonly Buffer[] = [], pixels?: Buffer): Buffer {
  const { width, height, depth = 8, colour = 2, isInterlaced = false } = header;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colour, 0, 0, isInterlaced ? 1 : 0], 8);
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour];
  const data =
    pixels ?? deflateSync(Buffer.alloc((Math.ceil((width * depth * channels) / 8) + 1) * height), { level: 1 });
  const palette =
    colour === 3 ? [chunk("PLTE", Buffer.from([1, 2, 3, 200, 100, 50])), chunk("tRNS", Buffer.from([0, 255]))] : [];
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const chunks = [chunk("IHDR", head), ...before, ...palette, chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

export function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** The JPEG of before with another size in its head. */
export function jpegOfSize(width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const head = copy.indexOf("ffc0", 0, "hex");
  copy.writeUInt16BE(height, head + 5);
  copy.writeUInt16BE(width, head + 7);
  return copy;
}

/** The JPEG of before with a segment behind its first two bytes. */
export function jpegWith(marker: number, data: Buffer): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), segment(marker, data), jpeg.subarray(2)]);
}

function segment(marker: number, ...parts: readonly (Buffer | readonly number[])[]): Buffer {
  const data = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** A progressive grey JPEG, a square, of so many scans, 883 at most: each costs the decoder a look at every block and the sender some bytes. */
export function jpegOfScans(side: number, scans: number): Buffer {
  const blocks = Math.ceil(side / 8) ** 2;
  const table = (id: number, symbol: number): Buffer => segment(0xc4, [id, 1, ...Array<number>(15).fill(0), symbol]);
  // "0" is the one code, for the end of 32,767 blocks; the last bytes are filled with ones.
  let bits = `0${"1".repeat(14)}`.repeat(Math.ceil(blocks / 32_767));
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  const data = Buffer.from(
    (bits.match(/.{8}/g) ?? []).flatMap((byte) => (byte === "11111111" ? [0xff, 0] : [parseInt(byte, 2)])),
  );
  const parts = [
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0], Buffer.alloc(64, 1)),
    segment(0xc2, [8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0]),
    table(0x00, 0),
    table(0x10, 0xe0),
    segment(0xda, [1, 1, 0, 0, 0, 0]),
    Buffer.alloc(Math.ceil(blocks / 8)),
  ];
  for (let scan = 0; scan < scans - 1; scan++) {
    const [coefficient, low] = [1 + Math.floor(scan / 14), 13 - (scan % 14)];
    parts.push(segment(0xda, [1, 1, 0, coefficient, coefficient, ((low === 13 ? 0 : low + 1) << 4) | low]), data);
  }
  return Buffer.concat([...parts, Buffer.from([0xff, 0xd9])]);
}

/** The GIF of before with another size in its head, and in that of its frame. */
export function gifOfSize(width: number, height: number): Buffer {
  const copy = Buffer.from(gif);
  const frame = copy.indexOf(0x2c, 19);
  for (const at of [6, frame + 5]) {
    copy.writeUInt16LE(width, at);
    copy.writeUInt16LE(height, at + 2);
  }
  return copy;
}

/** The GIF of before with its frame so many times. */
export function gifOfFrames(count: number): Buffer {
  const frames = gif.subarray(19, -1);
  return Buffer.concat([gif.subarray(0, 19), ...Array<Buffer>(count).fill(frames), gif.subarray(-1)]);
}

/** A lossy WebP of the same bytes whose head says another size, 16,383 at most. */
export function webpOfSize(width: number, height: number): Buffer {
  const copy = Buffer.from(webp);
  copy.writeUInt16LE(width, 26);
  copy.writeUInt16LE(height, 28);
  return copy;
}

/** A WebP whose canvas (VP8X) has another size than its frame, 2^24 at most. */
export function webpOfCanvas(width: number, height: number): Buffer {
  const head = Buffer.alloc(18);
  head.write("VP8X", "latin1");
  head.writeUInt32LE(10, 4);
  head.writeUIntLE(width - 1, 12, 3);
  head.writeUIntLE(height - 1, 15, 3);
  return riff(Buffer.concat([head, webp.subarray(12)]));
}

/** A WebP with a chunk behind its pixels. */
export function webpWith(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, "latin1");
  head.writeUInt32LE(data.length, 4);
  return riff(Buffer.concat([webp.subarray(12), head, data, Buffer.alloc(data.length % 2)]));
}

function riff(chunks: Buffer): Buffer {
  const head = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
  head.writeUInt32LE(chunks.length + 4, 4);
  return Buffer.concat([head, chunks]);
}
