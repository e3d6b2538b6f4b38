// Koa, HTTP messages and sockets are known at the edge of the server, and nowhere behind it.
import { declareLaw } from "./tree/declare-law.js";
import { scripts } from "./tree/source-tree.js";
import { importsOf, specifiersOf } from "./tree/syntax.js";

const koa = /^(?:koa|@koa\/.+|koa-.+)$/;
const seesKoa = /^src\/(?:contract|doors)\/|^src\/app\.ts$/;

const sockets = /^(?:node:)?(?:http|https|http2|net|tls|dgram)$|^ws$/;
const seesSockets = /^src\/(?:contract|doors|platform)\/|^src\/(?:app|server)\.ts$/;

/** The module that declares Koa's context as a type of the engine. */
const contexts = "src/contract/http/request-context.ts";
const seesContexts = /^src\/(?:contract|doors|policy)\/|^src\/(?:app|server)\.ts$/;

declareLaw(
  "Koa is known in the engine, the doors and app.ts alone; sockets there, in server.ts and in the platform",
  (tree) =>
    scripts(tree, "src").flatMap((path) =>
      specifiersOf(tree, path)
        .filter((name) => (koa.test(name) && !seesKoa.test(path)) || (sockets.test(name) && !seesSockets.test(path)))
        .concat(importsOf(tree, path).filter((target) => target === contexts && !seesContexts.test(path)))
        .map((target) => `${path} imports ${target}`),
    ),
  {
    broken: {
      "a handler, a store, a command, the registry, and Koa in the platform": {
        files: {
          "src/chats/handlers.ts": 'import type { Context } from "koa";',
          "src/chats/store.ts": 'import type { KoaContext } from "../contract/http/request-context.js";',
          "src/commands/serve.ts": 'import { createServer } from "node:http";',
          "src/platform/log.ts": 'import type Koa from "koa";',
          "src/services.ts": 'import Router from "@koa/router";',
          "src/users/people.ts": 'import { connect } from "net"; import { WebSocket } from "ws";',
          "src/contract/http/request-context.ts": 'import type Koa from "koa";',
        },
        finds: [
          "src/chats/handlers.ts imports koa",
          "src/chats/store.ts imports src/contract/http/request-context.ts",
          "src/commands/serve.ts imports node:http",
          "src/platform/log.ts imports koa",
          "src/services.ts imports @koa/router",
          "src/users/people.ts imports net",
          "src/users/people.ts imports ws",
        ],
      },
    },
    kept: {
      "the places that may": {
        "src/app.ts": 'import Koa from "koa";',
        "src/contract/serve.ts": 'import type Koa from "koa"; import { STATUS_CODES } from "node:http";',
        "src/doors/socket.ts": 'import { WebSocketServer } from "ws"; import type Koa from "koa";',
        "src/server.ts": 'import type { Server } from "node:http";',
        "src/platform/http/http-server.ts": 'import { createServer } from "node:http";',
        "src/chats/handlers.ts": '// import koa from "koa"',
      },
    },
  },
);
