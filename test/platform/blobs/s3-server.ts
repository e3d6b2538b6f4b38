// A server that speaks the protocol of Amazon S3, in a process of its own: it ends with the test run at the latest.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { temporaryFolder } from "../../support/database.js";

export interface S3Server {
  readonly endpoint: string;
  /** Makes an empty bucket, and returns its name. */
  makeBucket(): Promise<string>;
  stop(): Promise<void>;
}

// Its page tokens are made with DES, which OpenSSL 3 has in its legacy provider alone.
const program = `
  const S3rver = require(process.argv[1]);
  new S3rver({ address: "127.0.0.1", port: 0, silent: true, vhostBuckets: false, directory: process.argv[2], })
    .run((error, address) => console.log(error ?? "port=" + address.port));
`;

/** Starts a server on a free port, with its data in a temporary folder. */
export async function startS3(): Promise<S3Server> {
  const main = createRequire(import.meta.url).resolve("s3rver");
  const args = ["--openssl-legacy-provider", "--no-deprecation", "--eval", program, main, await temporaryFolder()];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  while (!output.includes("port=") && child.exitCode === null)
    await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  const port = /port=(\d+)/.exec(output)?.[1];
  if (port === undefined) throw new Error(`The S3 server does not start:\n${output}`);

  const endpoint = `http://127.0.0.1:${port}`;
  let buckets = 0;
  return {
    endpoint,
    async makeBucket() {
      const bucket = `bucket-${++buckets}`;
      const { status } = await fetch(`${endpoint}/${bucket}`, { method: "PUT" });
      if (status !== 200) throw new Error(`The S3 server makes no bucket: ${status}`);
      return bucket;
    },
    async stop() {
      process.off("exit", kill);
      const ended = once(child, "exit");
      kill();
      await ended;
    },
  };
}
