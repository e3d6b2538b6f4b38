// Writes a zip while it is sent: entry after entry, with nothing of it in memory but what is on its way. Names are in UTF-8, and beyond
// 4 GB it becomes a Zip64 by itself.
import type { PassThrough, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { ZipFile } from "yazl";

/** A file in a zip. */
export interface ZipEntry {
  /** Its path, with `/` between folders: relative, without "..", and of no other entry. */
  readonly path: string;
  readonly modifiedAt: Date;
  /** In bytes, where it is known. Other bytes than these fail the zip. */
  readonly size?: number;
  /** What is compressed already, such as a picture, only costs time when it is compressed again. */
  readonly isCompressed: boolean;
  /** Whoever reads the zip reads them to the end or destroys them. */
  readonly bytes: Readable;
}

/**
 * The bytes of a zip. An entry is taken from `entries` when the one before has been read, no faster than the zip is. Fails with what an
 * entry, its bytes or `entries` fail with. When `signal` is aborted, or nobody reads on, the entry under way is destroyed and
 * `entries` is closed.
 */
export async function* zipOf(entries: AsyncIterable<ZipEntry>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream as PassThrough;
  // The library hands on no error of a source, and its own as an event.
  const fail = (error: unknown): void => void output.destroy(error as Error);
  zip.on("error", fail);
  let current: Readable | undefined;
  const feed = async (): Promise<void> => {
    for await (const { path, modifiedAt, size, isCompressed, bytes } of entries) {
      current = bytes;
      // Before anything can fail: a source that nobody listens to would end the process.
      const read = finished(bytes, { writable: false });
      if (output.destroyed) bytes.destroy();
      else
        zip.addReadStream(bytes, path, {
          mtime: modifiedAt,
          mode: 0o100644,
          compress: !isCompressed,
          ...(size !== undefined && { size }),
        });
      await read;
    }
    zip.end();
  };
  const stop = (): void => fail(signal.reason);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const fed = feed().catch(fail);
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    signal.removeEventListener("abort", stop);
    output.destroy();
    current?.destroy();
    await fed;
  }
}
