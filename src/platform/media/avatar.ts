// A picture of a person, written anew from its pixels: nothing else of the file that was uploaded is left.
import { ApiError } from "../../errors.js";
import type { Asker } from "../fair-queue.js";
import { loadDecoder } from "./decoder.js";
import { ImageLine } from "./image-line.js";
import { countScans } from "./jpeg-scans.js";

/** The sides of the squares that are made of each avatar, in pixels. */
export const avatarSizes = [64, 256, 1024] as const;
/** The type of every avatar. */
export const avatarType = "image/webp";

export type AvatarSize = (typeof avatarSizes)[number];

/** One of the squares. */
export interface AvatarImage {
  readonly size: AvatarSize;
  /** The bytes, in WebP. */
  readonly data: Buffer;
  /** The sides in pixels: `size`, or the shorter side of the source where that is smaller, since nothing is enlarged. */
  readonly width: number;
  readonly height: number;
}

const mostPixels = 40_000_000;
/** A file that takes longer was made for that. */
const mostSeconds = 20;
/** A file with so many scans was too: cameras and programs write up to 18. The decoder hears no end of time between them. */
const mostScans = 30;
const unreadable = "The file cannot be read as a PNG, JPEG, GIF or WebP image";
const reading = { limitInputPixels: mostPixels, failOn: "error", sequentialRead: true, pages: 1 } as const;

const nobody: Asker = { address: "", account: "" };
// The longest line of photos is emptied in some seconds.
const line = new ImageLine(mostPixels, 24);

/**
 * The squares of `avatarSizes` of the PNG, JPEG, GIF or WebP at `path`: the middle of it, turned as its camera says, the first frame where it
 * moves, in sRGB, without metadata. Throws INVALID_IMAGE for any other file, for one that cannot be decoded to its end, or not in
 * twenty seconds, and for one of more than 40 megapixels, which is told without decoding; OVERLOADED when too many images
 * wait; whoever has had least of late comes first.
 */
export async function makeAvatar(path: string, asker: Asker = nobody): Promise<AvatarImage[]> {
  const decoder = await loadDecoder();
  const { width, height, format } = await readable(decoder(path, reading).metadata());
  return line.run(width * height, asker, async () => {
    if (format === "jpeg" && (await countScans(path, mostScans)) >= mostScans) throw invalid(unreadable);
    const side = Math.min(width, height, Math.max(...avatarSizes));
    // The file is decoded once; what is made of it has 4 MB at most.
    const { data: pixels, info } = await readable(
      decoder(path, reading)
        .autoOrient()
        .resize(side, side, { fit: "cover" })
        .toColourspace("srgb")
        .timeout({ seconds: mostSeconds })
        .raw()
        .toBuffer({ resolveWithObject: true }),
    );
    const squares: AvatarImage[] = [];
    for (const size of avatarSizes) {
      const own = Math.min(size, side);
      const { width: w, height: h, channels } = info;
      const square = decoder(pixels, { raw: { width: w, height: h, channels } }).resize(own, own);
      squares.push({ size, data: await square.webp({ quality: 82 }).toBuffer(), width: own, height: own });
    }
    return squares;
  });
}

async function readable<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "";
    if (message.startsWith("Input file is missing")) throw cause;
    throw invalid(message.includes("pixel limit") ? "The image has more than 40 megapixels" : unreadable, cause);
  }
}

function invalid(detail: string, cause?: unknown): ApiError {
  return new ApiError("INVALID_IMAGE", detail, { cause });
}
