// Clients that generators make from /openapi.json, the document of JSON alone. Those in TypeScript are compiled strictly, the
// generated files too; the one in Python is checked by mypy.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outsider, Workshop } from "../outsider.js";
import { fetchArtifact } from "./maven.js";
import { fetchPackages } from "./npm.js";

/** Saves the document of the running server; the path of the file in the workshop. */
async function fetchDocument({ folder, url }: Workshop): Promise<string> {
  const response = await fetch(`${url}/openapi.json`);
  if (!response.ok) throw new Error(`/openapi.json answers ${response.status}`);
  await writeFile(join(folder, "gen/openapi.json"), await response.text());
  return "./gen/openapi.json";
}

/** An outsider in TypeScript: packages of npm, a generator, the compiler. */
function inTypeScript(
  name: string,
  needs: readonly string[],
  make: (workshop: Workshop, document: string) => Promise<unknown>,
): Outsider {
  return {
    name,
    needs: ["npm", ...needs],
    async build(workshop) {
      await workshop.place("openapi-lines");
      await workshop.place(name);
      await fetchPackages(workshop);
      await make(workshop, await fetchDocument(workshop));
      await workshop.run("node_modules/.bin/tsc", []);
      return ["node_modules/.bin/tsx", "client.ts"];
    },
  };
}

export const openApiFetch = inTypeScript("openapi-fetch", [], ({ run }, document) =>
  run("node_modules/.bin/openapi-typescript", [document, "--output", "gen/schema.d.ts"]),
);

export const heyApi = inTypeScript("hey-api", [], ({ run }, document) =>
  run("node_modules/.bin/openapi-ts", ["-i", document, "-o", "gen/made", "-c", "@hey-api/client-fetch"]),
);

export const orval = inTypeScript("orval", [], ({ run, url }) =>
  run("node_modules/.bin/orval", ["--config", "orval.config.cjs"], { env: { LYCEUM_URL: url } }),
);

const generator = "org.openapitools:openapi-generator-cli:7.17.0";

export const typescriptFetch = inTypeScript("typescript-fetch", ["java", "mvn"], async (workshop, document) => {
  const jar = await fetchArtifact(workshop, generator);
  await workshop.run("java", ["-jar", jar, "generate", "-i", document, "-g", "typescript-fetch", "-o", "gen"]);
});

export const openApiPython: Outsider = {
  name: "openapi-python-client",
  needs: ["python3"],
  async build(workshop) {
    const { folder, place, fetch: get, run, once } = workshop;
    await place("openapi-python");
    await once("venv", await readFile(join(folder, "requirements.txt"), "utf8"), async () => {
      await run("python3", ["-m", "venv", "venv"]);
      await get("venv/bin/pip", ["install", "--requirement", "requirements.txt"]);
    });
    const document = await fetchDocument(workshop);
    const words = ["generate", "--path", document, "--output-path", "gen/made"];
    await run("venv/bin/openapi-python-client", words);
    await run("venv/bin/python", ["-m", "mypy", "--strict", "gen/made/lyceum_client"]);
    return ["venv/bin/python", "client.py"];
  },
};
