// TypeScript: fetch and @bufbuild/protobuf, generated with buf and compiled strictly, the generated files too.
import type { Outsider } from "../outsider.js";
import { fetchPackages } from "./npm.js";
import { buf } from "../workshops.js";

export const protobufEs: Outsider = {
  name: "protobuf-es",
  needs: ["npm"],
  async build(workshop) {
    const { place, run, generate, contract } = workshop;
    await place("protobuf-es");
    await fetchPackages(workshop);
    await generate(process.execPath, [...buf, "generate", contract]);
    await run("node_modules/.bin/tsc", []);
    return [process.execPath, "built/client.js"];
  },
};
