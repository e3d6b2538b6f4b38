// `tsx test/doors/autobahn.ts`: the Autobahn test suite against an echo over our connections, upgrades and Outbox, with the options of
// our sockets. Ends with 0 when all cases pass, with 1 otherwise, and with 3 where `wstest` (PyPI: autobahntestsuite, of Python 2.7) is absent.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { Outbox } from "../../src/doors/socket/outbox.js";
import { httpServer } from "../../src/platform/http/http-server.js";
import { temporaryFolder } from "../support/database.js";

/** Section 9 sends more than our frames hold, 12 and 13 are of compression, which we refuse. */
const cases = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"];
/** Text that is no UTF-8 is found when a fragment has come, and not within it. */
const mayBeLate = /^6\.4\./;

if (spawnSync("wstest", ["--help"]).status !== 0) {
  console.error("The Autobahn test suite is skipped: there is no program wstest.");
  process.exit(3);
}
const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  autoPong: false,
  clientTracking: false,
});
const server = httpServer(
  (_request, response) => response.end(),
  () => "",
  (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const outbox = new Outbox(webSocket, socket, () => webSocket.close(4000));
      webSocket.on("ping", (data) => outbox.pong(data)).on("error", () => undefined);
      webSocket.on("message", (data: Buffer, isBinary) => webSocket.send(data, { binary: isBinary }));
    }),
);
server.listen(0, "127.0.0.1");
await once(server, "listening");

const cwd = await temporaryFolder();
const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
await writeFile(
  join(cwd, "spec.json"),
  JSON.stringify({ outdir: "reports", servers: [{ agent: "lyceum", url }], cases }),
);
const client = spawn("wstest", ["-m", "fuzzingclient", "-s", "spec.json"], { cwd, stdio: "ignore" });
await once(client, "close");

interface Outcome {
  readonly behavior: string;
  readonly behaviorClose: string;
}

const report = await readFile(join(cwd, "reports/index.json"), "utf8").catch(() => '{"lyceum":{}}');
const outcomes = Object.entries((JSON.parse(report) as { lyceum: Record<string, Outcome> }).lyceum);
const isGood = (name: string, { behavior, behaviorClose }: Outcome): boolean =>
  [behavior, behaviorClose].every((each) => each === "OK" || each === "INFORMATIONAL") ||
  (mayBeLate.test(name) && behavior === "NON-STRICT" && behaviorClose === "OK");
const failed = outcomes.filter(([name, outcome]) => !isGood(name, outcome));
for (const [name, { behavior, behaviorClose }] of failed)
  console.error(`${name}: ${behavior}, closed: ${behaviorClose}`);
console.log(`${outcomes.length - failed.length} passed, ${failed.length} failed`);
await rm(cwd, { recursive: true });
process.exit(failed.length > 0 || outcomes.length < 240 ? 1 : 0);
