// The documents that the server serves: they must describe the contract under test.
import { BrokenPromise, type Check } from "../check.js";
import { readDescriptors, type Descriptors, type Rpc } from "../client/descriptors.js";
import { exchange } from "../client/exchange.js";
import type { Worker } from "../cases/worker.js";
import type { Suite } from "../suite.js";
import { differences } from "./json-part.js";

/** The checks of the served documents. */
export function documentChecks({ documents }: Suite, descriptors: Descriptors): Check<Worker>[] {
  const check = (sentence: string, run: (url: string) => Promise<string[]>): Check<Worker> => ({
    path: ["the documents", sentence],
    tags: ["documents"],
    codec: "",
    async run(worker) {
      const found = await run((await worker.client()).url);
      if (found.length > 0) throw new BrokenPromise(found.join("\n  "));
    },
  });
  return [
    check(`${documents.descriptorSet} has every method of the contract`, async (url) => {
      const answer = await exchange(url, { verb: "GET", path: documents.descriptorSet });
      if (answer.status !== 200) return [`expected 200, got ${answer.status}`];
      const served = readDescriptors(answer.body).rpcs;
      return [...descriptors.rpcs.values()].flatMap((rpc) => {
        const other = served.get(rpc.name);
        if (!other) return [`${rpc.name} is missing`];
        return line(other) === line(rpc) ? [] : [`${rpc.name}: expected ${line(rpc)}, got ${line(other)}`];
      });
    }),
    ...[documents.openApi, documents.openApiOfJson].map((document) =>
      check(`${document} has every method of the contract`, async (url) => {
        const { paths } = (await json(url, document)) as { paths: Record<string, Record<string, unknown>> };
        return [...descriptors.rpcs.values()].flatMap(({ name, verb, path }) =>
          paths[path]?.[verb.toLowerCase()] ? [] : [`${name}: ${verb} ${path} is missing`],
        );
      }),
    ),
    check(`${documents.openApiOfJson} says what ${documents.openApi} says of JSON`, async (url) =>
      differences(await json(url, documents.openApiOfJson), await json(url, documents.openApi)),
    ),
  ];
}

async function json(url: string, path: string): Promise<unknown> {
  const answer = await exchange(url, { verb: "GET", path });
  if (answer.status !== 200) throw new BrokenPromise(`${path}: expected 200, got ${answer.status}`);
  return JSON.parse(answer.body.toString("utf8"));
}

function line({ verb, path, request, response, access, success }: Rpc): string {
  return `${verb} ${path}, ${request.typeName} to ${response.typeName}, ${access}, ${success}`;
}
