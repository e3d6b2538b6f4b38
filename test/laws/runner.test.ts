// The contract runner is a client and nothing else, and serves any contract.
import { loadContract } from "../../src/contract/model/load.js";
import { declareLaw } from "./tree/declare-law.js";
import { root, scripts } from "./tree/source-tree.js";
import { specifiersOf } from "./tree/syntax.js";

/** Packages that a client may use; its implementation of protobuf is not the server's. */
const packages = /^(?:node:.+|commander|fast-check|ws|ajv(?:\/.+)?|@bufbuild\/protobuf(?:\/.+)?)$/;

declareLaw(
  "the runner uses no protobuf of the server, and no package that a client does not need",
  (tree) =>
    scripts(tree, "runner", "suite").flatMap((path) =>
      specifiersOf(tree, path)
        .filter((specifier) => !specifier.startsWith(".") && !packages.test(specifier))
        .filter((specifier) => !/^[a-z-]+\//.test(specifier) || specifier.includes(":"))
        .map((specifier) => `${path} imports ${specifier}`),
    ),
  {
    broken: {
      "the server's packages": {
        files: { "runner/client/client.ts": 'import protobuf from "protobufjs"; const pg = await import("pg");' },
        finds: ["runner/client/client.ts imports protobufjs", "runner/client/client.ts imports pg"],
      },
    },
    kept: {
      "a client's": {
        "runner/client/client.ts":
          'import { request } from "node:http"; import Ajv from "ajv/dist/2020.js"; import { fromBinary } from "@bufbuild/protobuf";',
        "suite/suite.ts": 'const golden = new URL("test/golden/", import.meta.url);',
      },
    },
  },
);

const { methods, root: messages } = loadContract(`${root}/proto`);
/** What every refusal has is no name of a domain. */
const ofEveryContract = new Set(Object.keys(messages.lookupType("lyceum.v1.Problem").fields));

/** Names of the contract in code: methods, and fields that are ids. */
const words = methods
  .flatMap(({ handler, request }) => [handler].concat(Object.keys(request.fields)))
  .filter((word) => /_id$|[a-z][A-Z]/.test(word) && !ofEveryContract.has(word));
const domain = new RegExp(`\\b(?:${[...new Set(words)].join("|")}|chats?)\\b|lyceum|school|teacher|student`, "i");

declareLaw(
  "nothing in the runner names a domain of ours",
  (tree) =>
    scripts(tree, "runner").flatMap((path) => {
      // A method of @bufbuild/protobuf has the same name as an rpc, and an option of methods that of a field.
      const found = domain.exec(
        tree.get(path)!.replaceAll(/registry\.getMessage|options\.method\(method, "\w+"\)/g, ""),
      );
      return found ? [`${path} names ${found[0]}`] : [];
    }),
  {
    broken: {
      "a method, a field, and a word of ours": {
        files: {
          "runner/cases/play.ts": 'await call("createChat");',
          "runner/check.ts": "// a chat's members",
          "runner/values/edges.ts": "const id = request.chat_id;",
          "runner/suite.ts": "class Teacher {}",
        },
        finds: [
          "runner/cases/play.ts names createChat",
          "runner/check.ts names chat",
          "runner/suite.ts names Teacher",
          "runner/values/edges.ts names chat_id",
        ],
      },
    },
    kept: {
      "words of every contract": { "runner/check.ts": 'registry.getMessage("Problem"); const { request_id } = a;' },
    },
  },
);
