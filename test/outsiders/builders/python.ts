// Python: requests and protobuf from PyPI, generated with the protoc of grpcio-tools.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outsider } from "../outsider.js";

export const python: Outsider = {
  name: "python",
  needs: ["python3"],
  async build({ folder, place, fetch, run, once, generate, contract, protos }) {
    await place("python");
    await once("venv", await readFile(join(folder, "requirements.txt"), "utf8"), async () => {
      await run("python3", ["-m", "venv", "venv"]);
      await fetch("venv/bin/pip", ["install", "--requirement", "requirements.txt"]);
    });
    await generate("venv/bin/python", ["-m", "grpc_tools.protoc", "-I", contract, "--python_out=gen", ...protos]);
    return ["venv/bin/python", "client.py"];
  },
};
