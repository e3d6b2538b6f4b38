// HTTP servers of tests, on free ports.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A function that starts a server and returns its URL; declares the hook that closes all of them. */
export function httpServers(): (server: Server) => Promise<string> {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });
  return async (server) => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
}
