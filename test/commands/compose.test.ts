// What compose.yaml gives to the server, read as Compose does, since no container is started here.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { lyceum, projectRoot } from "../support/program.js";

const strange = "a@b:c/d%20e#f?g&h+i j'k\"l$m";

/** The variables of the service `lyceum`, as Compose sets them with this password. */
function composed(password: string): Record<string, string> {
  const text = readFileSync(join(projectRoot, "compose.yaml"), "utf8");
  const block = /environment: &environment\n((?: {6}.*\n)+)/.exec(text)![1]!;
  const given: Record<string, string> = { POSTGRES_PASSWORD: password, SECRET_KEY: "s".repeat(32) };
  return Object.fromEntries(
    [...block.matchAll(/^ {6}(\w+): "?(.*?)"?$/gm)].map(([, name, value]) => [
      name!,
      value!.replace(/\$\{(\w+)[^}]*\}/g, (_, variable: string) => given[variable]!),
    ]),
  );
}

/** A server that asks for a password as Postgres does, and resolves with the one that it gets. */
async function passwordServer(): Promise<{ port: number; password: Promise<string>; close(): void }> {
  const sockets = new Set<Socket>();
  let resolve: (password: string) => void = () => undefined;
  const password = new Promise<string>((settle) => (resolve = settle));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      // `p` is the message with a password; what comes before it begins the session.
      if (data[0] === 0x70) resolve(data.subarray(5, data.length - 1).toString());
      else socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, password, close };
}

describe("compose.yaml", function () {
  this.timeout(30_000);

  it("gives the server a password of any characters as it is", async () => {
    const server = await passwordServer();
    try {
      const { DATABASE_URL, ...env } = composed(strange);
      const url = DATABASE_URL!.replace("@postgres:5432", `@127.0.0.1:${server.port}`);
      expect(url, "the host of the composed URL").not.to.equal(DATABASE_URL);
      const ended = lyceum(["migrate", "status"], { env: { ...env, DATABASE_URL: url } });
      const first = await Promise.race([server.password, ended.then(({ stderr }) => `it ended: ${stderr}`)]);
      expect(first).to.equal(strange);
      server.close();
      await ended;
    } finally {
      server.close();
    }
  });
});
