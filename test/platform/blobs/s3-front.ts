// A server in front of the S3 server: it checks what that one does not, the signatures, and fails as a test says.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { FilesBucket } from "../../../src/files-url.js";
import { startS3 } from "./s3-server.js";
import { authorizationOf } from "./signature-v4.js";

/** Takes a request in place of the server. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface S3Front {
  /** The faults of the next requests, in order. */
  faults: Fault[];
  /** Method, target and Authorization of the requests since it was emptied. */
  seen: string[];
  /** An empty bucket of its own. */
  bucket(): Promise<FilesBucket>;
  stop(): Promise<void>;
}

const [accessKeyId, secretAccessKey] = ["lyceum", "the-secret/of+the=bucket"];

/** Starts both servers. */
export async function startS3Front(): Promise<S3Front> {
  const s3 = await startS3();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    front.seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const fault = front.faults.shift();
    if (fault !== undefined) return void fault(request, response);
    const { method = "", url: target = "", headers } = request;
    const body = await buffer(request);
    const isWhole = createHash("sha256").update(body).digest("hex") === headers["x-amz-content-sha256"];
    if (
      !isWhole ||
      headers.authorization !== authorizationOf({ method, target, headers }, accessKeyId!, secretAccessKey!)
    )
      return void response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
    const { range } = headers;
    const answer = await fetch(s3.endpoint + target, {
      method,
      ...(range !== undefined && { headers: { range } }),
      ...(method === "PUT" && { body }),
    });
    const given = [...answer.headers].filter(([name]) => /^(?:content-|last-modified|x-amz-)/.test(name));
    const content = Buffer.from(await answer.arrayBuffer());
    if (range !== "bytes=0-0" || answer.status !== 206)
      return void response.writeHead(answer.status, Object.fromEntries(given)).end(content);
    // The server takes this range for the whole.
    response.writeHead(206, { "content-range": `bytes 0-0/${content.length}` }).end(content.subarray(0, 1));
  }

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const front: S3Front = {
    faults: [],
    seen: [],
    async bucket() {
      const bucket = await s3.makeBucket();
      return {
        kind: "s3",
        endpoint,
        bucket,
        region: "eu-school-1",
        accessKeyId: accessKeyId!,
        secretAccessKey: secretAccessKey!,
      };
    },
    async stop() {
      server.close().closeAllConnections();
      await s3.stop();
    },
  };
  return front;
}
