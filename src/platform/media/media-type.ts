// What a file is by its content: neither the type that its sender claims nor its name is believed.
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { extensionOf } from "./file-name.js";
import { isTextType, textTypeOf } from "./text-types.js";

/** What is not known to be anything else. */
export const anyBytes = "application/octet-stream";

/** So many bytes tell every format that is told. The work for a hostile file is bounded by them, however long it is. */
const headBytes = 16_384;

/** The bytes that no text has (MIME Sniffing, "binary data byte"): UTF-16 without a mark would else be UTF-8, in some languages. */
const binary = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/** Formats that are ZIP archives of parts: what tells one from another may stand at the end of the archive, so the name does. */
const archives: Readonly<Record<string, string>> = {
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  odt: "application/vnd.oasis.opendocument.text",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  odp: "application/vnd.oasis.opendocument.presentation",
};

/**
 * The media type of the file at `path`, without parameters. A file with the extension of a text (`textTypeOf`) is text when all of it is valid UTF-8
 * without NUL and other controls that no text has. Any other is what its first bytes say, which are 16 KiB at most; else "application/octet-stream". Only the errors
 * of the disk are thrown.
 */
export async function detectMediaType(path: string, name: string): Promise<string> {
  const textType = textTypeOf(name);
  if (textType && (await isText(path))) return textType;
  const found = await typeOfHead(await readHead(path));
  // Without the check of its text it is none.
  if (found === undefined || isTextType(found)) return anyBytes;
  return found === "application/zip" ? (archives[extensionOf(name)] ?? found) : found;
}

async function isText(path: string): Promise<boolean> {
  // The last bytes of a chunk may be the beginning of a character.
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (binary.test(chunk.toString("latin1"))) return false;
    const bytes = Buffer.concat([rest, chunk]);
    const end = endOfCharacters(bytes);
    if (!isUtf8(bytes.subarray(0, end))) return false;
    rest = bytes.subarray(end);
  }
  return isUtf8(rest);
}

/** Where the last character begins that may be incomplete; the length where it is whole. */
function endOfCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return bytes.length - back;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function typeOfHead(head: Buffer): Promise<string | undefined> {
  // With the mark of UTF-16 it is a text that is not served as one; the library takes half of them for sound.
  if (/^(?:fffe|feff)/.test(head.toString("hex", 0, 2))) return undefined;
  const { fileTypeFromBuffer } = await import("file-type");
  // It throws over some of what it cannot read.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  const type = found?.mime.split(";")[0]!.toLowerCase();
  // A PNG that moves is shown as one under the name that everybody knows.
  return type === "image/apng" ? "image/png" : type;
}
