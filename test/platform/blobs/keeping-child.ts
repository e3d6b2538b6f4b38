// A process that keeps blobs in a folder, and says so: without end, or until there is no room.
import { randomBytes } from "node:crypto";
import { BlobLost, StorageFull } from "../../../src/platform/blobs/blob-store.js";
import { openFolderStore } from "../../../src/platform/blobs/folder-store.js";
import { errorOf, keep, write } from "./store-promises.js";

const [folder = "", mode] = process.argv.slice(2);
const store = await openFolderStore(folder);

if (mode === "forever") {
  const { stream } = await store.begin();
  stream.write("half of an upload");
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      // Large, so that copies in place of renames would be seen half made.
      for (;;) process.stdout.write(`${await keep(store, Buffer.alloc(3_000_000, randomBytes(32)))}\n`);
    }),
  );
} else {
  const small = await keep(store, Buffer.from("small"));
  const refused = await errorOf(write(store, randomBytes(1_000_000)));
  const again = await keep(store, Buffer.from("small"));
  const lost = await errorOf(store.open("0".repeat(64)));
  process.stdout.write(
    JSON.stringify({
      isFull: refused instanceof StorageFull,
      isKept: small === again,
      isLost: lost instanceof BlobLost,
    }),
  );
}
