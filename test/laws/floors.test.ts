// The floors of src/ (ARCHITECTURE.md), and the folders of the root: the imports that are allowed between them.
import { declareLaw } from "./tree/declare-law.js";
import { nameOf, roomOf, scripts, type SourceTree } from "./tree/source-tree.js";
import { importsOf } from "./tree/syntax.js";

const domains = 3;
const tools = 1;

/** The floor of each entry of src/; every other folder is a domain. */
const floors: ReadonlyMap<string, number> = new Map([
  ["main.ts", 7],
  ["commands", 7],
  ["server.ts", 6],
  ["about.ts", 5],
  ["app.ts", 5],
  ["services.ts", 5],
  ["doors", 4],
  ["policy", 4],
  ["call.ts", 2],
  ["contract", tools],
  ["platform", tools],
  ["errors.ts", 0],
  ["config.ts", 0],
  ["byte-sizes.ts", 0],
  ["config-values.ts", 0],
  ["files-url.ts", 0],
  ["signals-url.ts", 0],
  ["gen", 0],
]);

/** The floor of a file of src/; undefined for a file directly in src/ that is not in the list. */
function floorOf(path: string): number | undefined {
  const room = roomOf(path);
  return floors.get(room) ?? (room.endsWith(".ts") ? undefined : domains);
}

function arrowsOf(tree: SourceTree): { from: string; to: string }[] {
  return scripts(tree, "src").flatMap((from) =>
    importsOf(tree, from)
      .filter((to) => to.startsWith("src/"))
      .map((to) => ({ from, to })),
  );
}

declareLaw(
  "imports point down the floors of the house",
  (tree) =>
    arrowsOf(tree)
      .filter(({ from, to }) => (floorOf(to) ?? 0) > (floorOf(from) ?? Infinity))
      .map(({ from, to }) => `${from} (floor ${floorOf(from)}) imports ${to} (floor ${floorOf(to)})`),
  {
    broken: {
      "a domain that imports the application": {
        files: { "src/chats/handlers.ts": 'import { app } from "../app.js";', "src/app.ts": "" },
        finds: ["src/chats/handlers.ts (floor 3) imports src/app.ts (floor 5)"],
      },
      "a type alone, a module that is loaded later, and a worker": {
        files: {
          "src/errors.ts": 'import type { Call } from "./call.js";',
          "src/call.ts": 'const later = await import("./users/people.js");',
          "src/platform/log.ts": 'new Worker(new URL("../users/people.js", import.meta.url));',
          "src/users/people.ts": 'let door: import("../doors/socket.js").Socket;',
          "src/doors/socket.ts": 'export { start } from "../server.js";',
          "src/server.ts": "",
        },
        finds: [
          "src/errors.ts (floor 0) imports src/call.ts (floor 2)",
          "src/call.ts (floor 2) imports src/users/people.ts (floor 3)",
          "src/platform/log.ts (floor 1) imports src/users/people.ts (floor 3)",
          "src/users/people.ts (floor 3) imports src/doors/socket.ts (floor 4)",
          "src/doors/socket.ts (floor 4) imports src/server.ts (floor 6)",
        ],
      },
    },
    kept: {
      "imports that point down, or stay on their floor": {
        "src/main.ts": 'import "./commands/serve.js";',
        "src/commands/serve.ts": 'import "../server.js"; import "../users/people.js";',
        "src/server.ts": 'import "./app.js";',
        "src/app.ts": 'import "./services.js";',
        "src/services.ts": 'import "./users/people.js"; import "./gen/lyceum/v1/user.js";',
        "src/users/people.ts": 'import "../errors.js"; import "../chats/membership.js"; // "../app.js"',
        "src/chats/membership.ts": "",
        "src/gen/lyceum/v1/user.ts": "",
        "src/errors.ts": "",
      },
    },
  },
);

declareLaw(
  "a file directly in src/ has a floor",
  (tree) =>
    scripts(tree, "src")
      .filter((path) => floorOf(path) === undefined)
      .map((path) => `${path} stands on no floor`),
  {
    broken: { "a new file": { files: { "src/misc.ts": "" }, finds: ["src/misc.ts stands on no floor"] } },
    kept: { "a new domain": { "src/medals/handlers.ts": "", "src/app.ts": "" } },
  },
);

declareLaw(
  "the engine and the platform do not know each other",
  (tree) =>
    arrowsOf(tree)
      .filter(({ from, to }) => floorOf(from) === tools && floorOf(to) === tools && roomOf(from) !== roomOf(to))
      .map(({ from, to }) => `${from} imports ${to}`),
  {
    broken: {
      "an import in either direction": {
        files: {
          "src/contract/serve.ts": 'import { log } from "../platform/log.js";',
          "src/platform/log.ts": 'import { problem } from "../contract/problems.js";',
          "src/contract/problems.ts": "",
        },
        finds: [
          "src/contract/serve.ts imports src/platform/log.ts",
          "src/platform/log.ts imports src/contract/problems.ts",
        ],
      },
    },
    kept: {
      "imports within each of them": {
        "src/contract/serve.ts": 'import { problem } from "./http/body.js";',
        "src/contract/http/body.ts": "",
        "src/platform/log.ts": 'import { page } from "./page.js";',
        "src/platform/page.ts": "",
      },
    },
  },
);

/** Other folders import the named files of a domain. Only the registry, services.ts, imports handlers, and the checks of counts, as well. */
declareLaw(
  "stores and handlers are imported by their own folder alone, and handlers and the checks of counts by services.ts as well",
  (tree) =>
    arrowsOf(tree)
      .filter(({ to }) => floorOf(to) === domains && /(^|-)(store|handlers)\.ts$/.test(nameOf(to)))
      .filter(({ from, to }) => roomOf(from) !== roomOf(to))
      .filter(({ from, to }) => !(from === "src/services.ts" && /(handlers|\/counts-store)\.ts$/.test(to)))
      .map(({ from, to }) => `${from} imports ${to}`),
  {
    broken: {
      "another domain, whatever stands before the word": {
        files: {
          "src/users/people.ts":
            'import { list } from "../chats/messages/listing-store.js"; import { a } from "../chats/store.js";',
          "src/accounts/open.ts": 'import { b } from "../chats/stats-handlers.js";',
          "src/chats/messages/listing-store.ts": "",
          "src/chats/stats-handlers.ts": "",
          "src/chats/store.ts": "",
        },
        finds: [
          "src/users/people.ts imports src/chats/messages/listing-store.ts",
          "src/users/people.ts imports src/chats/store.ts",
          "src/accounts/open.ts imports src/chats/stats-handlers.ts",
        ],
      },
      "a command, the policy, and a store in the registry": {
        files: {
          "src/commands/accounts.ts": 'import * as store from "../accounts/store.js";',
          "src/policy/authenticate.ts": 'import * as store from "../accounts/sessions/store.js";',
          "src/services.ts": 'import * as store from "./accounts/store.js";',
          "src/app.ts": 'import { chatHandlers } from "./chats/handlers.js";',
          "src/accounts/store.ts": "",
          "src/accounts/sessions/store.ts": "",
          "src/chats/handlers.ts": "",
        },
        finds: [
          "src/commands/accounts.ts imports src/accounts/store.ts",
          "src/policy/authenticate.ts imports src/accounts/sessions/store.ts",
          "src/services.ts imports src/accounts/store.ts",
          "src/app.ts imports src/chats/handlers.ts",
        ],
      },
    },
    kept: {
      "the same folder, a named file of another, and the registry": {
        "src/services.ts": 'import { chatHandlers } from "./chats/handlers.js";',
        "src/chats/handlers.ts":
          'import * as store from "./members/store.js"; import { user } from "../users/people.js";',
        "src/chats/members/store.ts": 'import { unread } from "../messages/listing-store.js";',
        "src/chats/messages/listing-store.ts": "",
        "src/users/people.ts": 'import "./restore.js";',
        "src/users/restore.ts": "",
        "src/accounts/open.ts": 'import "../users/restore.js";',
      },
    },
  },
);

/** The folders that a folder of the root may import beside itself. A folder that is not listed may import everything. */
const roots: ReadonlyMap<string, readonly string[]> = new Map([
  ["src", []],
  ["migrations", ["src/platform"]],
  ["runner", []],
  ["suite", ["runner"]],
  ["scripts", ["src", "runner", "suite"]],
  ["bench", ["src"]],
]);

declareLaw(
  "what is shipped imports nothing of what is not: src/, runner/, suite/, migrations/, scripts/ and bench/ keep to their own",
  (tree) =>
    [...roots].flatMap(([from, others]) =>
      scripts(tree, from).flatMap((path) =>
        importsOf(tree, path)
          .filter((target) => ![from, ...others].some((folder) => target.startsWith(`${folder}/`)))
          .map((target) => `${path} imports ${target}`),
      ),
    ),
  {
    broken: {
      "a server, a runner and a suite that use each other or the tests": {
        files: {
          "src/app.ts": 'import { suite } from "../suite/suite.js";',
          "runner/check.ts": 'import { codecs } from "../src/contract/codecs/codec.js";',
          "suite/suite.ts":
            'import { world } from "../test/support/world.js"; import type { Chat } from "../src/app.js";',
          "migrations/20261101000000_users.ts": 'import { app } from "../src/app.js";',
          "bench/bench.ts": 'import { suite } from "../suite/suite.js";',
          "src/contract/codecs/codec.ts": "",
          "test/support/world.ts": "",
        },
        finds: [
          "src/app.ts imports suite/suite.ts",
          "migrations/20261101000000_users.ts imports src/app.ts",
          "runner/check.ts imports src/contract/codecs/codec.ts",
          "suite/suite.ts imports test/support/world.ts",
          "suite/suite.ts imports src/app.ts",
          "bench/bench.ts imports suite/suite.ts",
        ],
      },
    },
    kept: {
      "a suite that knows the runner, and a test that knows everything": {
        "suite/suite.ts": 'import { run } from "../runner/check.js";',
        "runner/check.ts": "",
        "test/a.test.ts": 'import { suite } from "../suite/suite.js"; import { run } from "../runner/check.js";',
      },
    },
  },
);
