// The floor of files: bare node:http that streams a body into a file, hashed, fsynced and renamed, and a file into an answer. No
// login, no checks, no database.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, stat } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

const folder = process.env["FLOOR"]!;

/** Resolves with the SHA-256 of the body, which is on the disk under that name, whatever happens to the power. */
async function receive(request: IncomingMessage): Promise<string> {
  const part = join(folder, randomUUID());
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(request, hashing, createWriteStream(part, { flags: "wx", flush: true }));
  const name = hash.digest("hex");
  await rename(part, join(folder, name));
  const directory = await open(folder);
  await directory.sync();
  await directory.close();
  return name;
}

const server = createServer(async (request, response) => {
  if (request.method === "POST") {
    const body = JSON.stringify({ id: await receive(request) });
    response.writeHead(201, { "Content-Type": "application/json", "Content-Length": body.length });
    return void response.end(body);
  }
  // The paths are those of Lyceum: /v1/files/{id}/content.
  const path = join(folder, request.url!.split("/")[3]!);
  const { size } = await stat(path);
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": size });
  await pipeline(createReadStream(path), response);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
