// Programs that use the real protovalidate beside the contract: no name of the two is the same. They call no server.
import type { Outsider } from "../outsider.js";
import { buf } from "../workshops.js";
import { compile, programOf } from "./jvm.js";
import { fetchLibraries, fetchProtoc } from "./maven.js";

export const protovalidateGo: Outsider = {
  name: "protovalidate-go",
  needs: ["go"],
  async build({ place, fetch, run, generate, contract }) {
    await place("protovalidate-go");
    await fetch("go", ["mod", "download"]);
    await run("go", ["build", "-o", "protoc-gen-go", "google.golang.org/protobuf/cmd/protoc-gen-go"]);
    await generate(process.execPath, [...buf, "generate", contract]);
    await run("go", ["build", "-o", "program", "."]);
    await run("./program", []);
    return "starts, and validates";
  },
};

export const protovalidateJava: Outsider = {
  name: "protovalidate-java",
  needs: ["java", "javac", "jar", "mvn"],
  async build(workshop) {
    const { place, run, generate, contract, protos } = workshop;
    await place("protovalidate-java");
    await fetchLibraries(workshop);
    const libraries = ["protobuf-java-4.36.2.jar", "protovalidate-1.3.0.jar"];
    const protoc = await fetchProtoc(workshop, "4.36.2", libraries);
    const from = ["-I", contract, "-I", "include", "-I", "."];
    await generate(protoc, [...from, "--java_out=gen", "enrolment.proto", ...protos]);
    await compile(workshop, "Program.java");
    const [command = "", ...args] = programOf("Program");
    await run(command, args);
    return "starts, and validates";
  },
};
