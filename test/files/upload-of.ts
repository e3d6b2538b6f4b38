// An upload without HTTP: bytes that a handler receives as it receives those of a client.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Upload } from "../../src/contract/streams/upload.js";

/** The bytes, with their length announced, and a name. */
export function uploadOf(data: Buffer, name = "a.txt"): Upload {
  return {
    announced: data.length,
    most: data.length,
    async receive(sink) {
      await pipeline(Readable.from([data]), sink);
      return { name, contentType: "application/octet-stream", size: data.length };
    },
  };
}
