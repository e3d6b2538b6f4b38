// One file each reads the environment, sends signals by number, and measures bounds on time.
import ts from "typescript";
import { declareLaw } from "./tree/declare-law.js";
import { scripts } from "./tree/source-tree.js";
import { nodesOf, parse } from "./tree/syntax.js";

const isEnv = (node: ts.Node | undefined): boolean =>
  node !== undefined && (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && node.text === "env";

/** Whether a node reads a member `env`, of process under whatever name. Writing one, as an option of a child, is allowed. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return isEnv(node.name) || node.name.text === "loadEnvFile";
  if (ts.isElementAccessExpression(node)) return isEnv(node.argumentExpression);
  if (ts.isBindingElement(node)) return isEnv(node.propertyName ?? node.name);
  return ts.isImportSpecifier(node) && isEnv(node.propertyName ?? node.name);
}

declareLaw(
  "config.ts alone reads the environment",
  (tree) =>
    scripts(tree, "src", "migrations", "suite")
      .filter((path) => path !== "src/config.ts")
      .filter((path) => nodesOf(parse(tree, path)).some(readsEnvironment))
      .map((path) => `${path} reads the environment`),
  {
    broken: {
      "each way to reach it": {
        files: {
          "src/a.ts": "const port = process.env.PORT;",
          "src/b.ts": 'const port = process["env"]["PORT"];',
          "src/c.ts": 'import { env } from "node:process"; const port = env.PORT;',
          "src/d.ts": 'import { env as settings } from "process";',
          "src/e.ts": "const { env: settings } = process;",
          "src/f.ts": 'import * as node from "node:process"; const port = node.env.PORT;',
          "src/g.ts": 'process.loadEnvFile(".env");',
          "src/chats/h.ts": "const run = ({ env }: NodeJS.Process) => env.PORT;",
          "src/chats/i.ts": "const port = globalThis.process?.env?.PORT;",
          "suite/j.ts": "const port = process.env.PORT;",
        },
        finds: ["src/a.ts", "src/b.ts", "src/c.ts", "src/chats/h.ts", "src/chats/i.ts"]
          .concat("src/d.ts", "src/e.ts", "src/f.ts", "src/g.ts", "suite/j.ts")
          .map((path) => `${path} reads the environment`),
      },
    },
    kept: {
      "config.ts, the environment of a child, other parts of process, the runner": {
        "src/config.ts": "const port = process.env.PORT;",
        "src/platform/embedded/postgres-process.ts":
          'spawn("postgres", [], { env: { LC_ALL: "C" } }); // not process.env',
        "src/main.ts": "process.exitCode = 1; console.log(process.argv);",
        "runner/program/program.ts": "const isCi = process.env.CI;",
      },
    },
  },
);

declareLaw(
  "a signal goes through signalProcess, since a process may have ended before it",
  (tree) =>
    scripts(tree, "src", "runner", "suite", "scripts", "bench", "test")
      .filter((path) => path !== "src/platform/embedded/process-table.ts")
      .filter((path) => nodesOf(parse(tree, path)).some(sendsSignal))
      .map((path) => `${path} calls process.kill`),
  {
    broken: {
      "a call in the server and one in a test": {
        files: { "src/a.ts": "process.kill(pid);", "test/b.test.ts": 'process.kill(-child.pid!, "SIGINT");' },
        finds: ["src/a.ts calls process.kill", "test/b.test.ts calls process.kill"],
      },
    },
    kept: {
      "the function itself, children, and text": {
        "src/platform/embedded/process-table.ts": "process.kill(pid, signal);",
        "test/a.test.ts": 'child.kill("SIGKILL"); signalProcess(pid, "SIGINT"); // not process.kill(pid)',
      },
    },
  },
);

function sendsSignal(node: ts.Node): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === "kill" &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === "process"
  );
}

declareLaw(
  "a test measures an upper bound on time by the fair clock, since a busy machine makes everything late",
  (tree) =>
    scripts(tree, "test")
      .filter((path) => !path.startsWith("test/laws/"))
      .flatMap((path) =>
        [
          ...tree
            .get(path)!
            .matchAll(/expect\((performance\.now|\w+\.percentile)\([^;]*?\.(?:below|lessThan|at\.most|within)\(/g),
        ].map(([, what]) => `${path} bounds ${what}()`),
      ),
  {
    broken: {
      "a bound on the time of day": {
        files: { "test/a.test.ts": "expect(performance.now() - begun).to.be.below(500);" },
        finds: ["test/a.test.ts bounds performance.now()"],
      },
      "a bound on the delay of the event loop": {
        files: { "test/a.test.ts": "expect(delay.percentile(99) / 1e6).to.be.below(50);" },
        finds: ["test/a.test.ts bounds delay.percentile()"],
      },
    },
    kept: {
      "the fair clock, and a lower bound": {
        "test/a.test.ts":
          "expect(fairNow() - begun).to.be.below(500);\nexpect(performance.now() - begun).to.be.above(5);",
      },
    },
  },
);
