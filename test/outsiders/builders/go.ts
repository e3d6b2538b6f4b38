// Go: net/http and google.golang.org/protobuf, generated with buf.
import type { Outsider } from "../outsider.js";
import { buf } from "../workshops.js";

export const go: Outsider = {
  name: "go",
  needs: ["go"],
  async build({ place, fetch, run, generate, contract }) {
    await place("go");
    await fetch("go", ["mod", "download"]);
    await run("go", ["build", "-o", "protoc-gen-go", "google.golang.org/protobuf/cmd/protoc-gen-go"]);
    await generate(process.execPath, [...buf, "generate", contract]);
    await run("go", ["build", "-o", "client", "."]);
    return ["./client"];
  },
};
