// The library that decodes images, with all of it blocked that a stranger's file has no business with.
import { OperatorError } from "../operator-error.js";

type Decoder = typeof import("sharp").default;

/** The loaders of libvips for what people upload; it has others, for SVG, PDF, TIFF and many more. */
const loaders = ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif"];

let loading: Promise<Decoder> | undefined;

/**
 * The decoder, which is loaded at the first image: it takes memory that a server without uploads does not need. Rejects with an OperatorError where
 * it does not run on this platform; all else of the server does.
 */
export function loadDecoder(): Promise<Decoder> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Decoder> {
  try {
    const { default: decoder } = await import("sharp");
    decoder.cache(false);
    decoder.concurrency(1);
    decoder.block({ operation: ["VipsForeignLoad"] });
    decoder.unblock({ operation: loaders });
    return decoder;
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`;
    throw new OperatorError(
      `Images cannot be read on ${platform}: install @img/sharp-${platform}, or serve elsewhere.`,
      { cause },
    );
  }
}
