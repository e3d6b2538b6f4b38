// The scans of a JPEG, in which a decoder looks at each block of the image again: some bytes of a file can be a second of work.
import { createReadStream } from "node:fs";

const isAlone = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
const endOfImage = 0xd9;
const startOfScan = 0xda;

/** How many scans the JPEG at `path` has before its end; what comes after it, such as the film of a phone, is not looked at. It counts no further than `most`. */
export async function countScans(path: string, most: number): Promise<number> {
  let scans = 0;
  // "data" is what lies between two markers, of which one begins with 0xff; a segment has its length in two bytes.
  let state: "data" | "marker" | "high" | "low" = "data";
  let [length, skipped] = [0, 0];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      if (skipped > 0) {
        const step = Math.min(skipped, chunk.length - at);
        skipped -= step;
        at += step;
        continue;
      }
      if (state === "data") {
        const found = chunk.indexOf(0xff, at);
        if (found < 0) break;
        at = found + 1;
        state = "marker";
        continue;
      }
      const byte = chunk[at++]!;
      if (state === "marker") {
        if (byte === 0xff) continue;
        if (byte === endOfImage) return scans;
        if (byte === startOfScan && ++scans >= most) return scans;
        state = isAlone(byte) ? "data" : "high";
      } else if (state === "high") {
        length = byte * 256;
        state = "low";
      } else {
        skipped = Math.max(0, length + byte - 2);
        state = "data";
      }
    }
  }
  return scans;
}
