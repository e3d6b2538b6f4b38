// The engine by itself behind a real port: a contract and a deps of a test's own, and no app.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { pino } from "pino";
import type { RequestState } from "../../src/contract/http/request-context.js";
import type { Contract } from "../../src/contract/model/load.js";
import { router } from "../../src/contract/route.js";
import { createEngine } from "../../src/contract/serve.js";
import type { EngineDeps } from "../../src/contract/served.js";
import { parserRefusals } from "../../src/doors/parser-refusals.js";
import { ApiError } from "../../src/errors.js";
import { httpServer } from "../../src/platform/http/http-server.js";

export interface EngineServer {
  /** `http://127.0.0.1:41234`. */
  readonly url: string;
  close(): void;
}

/** Serves a contract on a free port. Every answer has the header `X-Of-All: yes`. */
export async function engineServer<Caller>(contract: Contract, deps: EngineDeps<Caller>): Promise<EngineServer> {
  const { serve, refuse } = createEngine(contract, deps);
  const place = router(contract.methods);
  const app = new Koa<RequestState>();
  app.silent = true;
  app.use((ctx) => {
    ctx.state.context = {
      id: "an-id",
      startedAt: 0,
      headers: ["X-Of-All", "yes"],
      vary: "",
      expectsContinue: ctx.req.headers.expect !== undefined,
      method: undefined,
      route: undefined,
      codec: undefined,
      reason: undefined,
      userId: undefined,
      isStream: false,
    };
    const found = place(ctx.path);
    return typeof found === "object" ? serve(ctx, found) : refuse(ctx, new ApiError("ROUTE_NOT_FOUND", "Nothing"));
  });
  const server = httpServer(app.callback(), parserRefusals(contract, pino({ level: "silent" }))).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
