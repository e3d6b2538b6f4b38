// Kotlin: what protoc generates for it, over protobuf-javalite; and what Wire generates. They are compiled, and call no server.
import type { Outsider } from "../outsider.js";
import { compile } from "./jvm.js";
import { fetchLibraries, fetchProtoc } from "./maven.js";

export const kotlin: Outsider = {
  name: "kotlin",
  needs: ["java", "javac", "jar", "mvn"],
  async build(workshop) {
    const { place, generate, contract, protos } = workshop;
    await place("kotlin");
    await fetchLibraries(workshop);
    const protoc = await fetchProtoc(workshop, "4.36.2", ["protobuf-javalite-4.36.2.jar"]);
    const outputs = ["--java_out=lite:gen", "--kotlin_out=lite:gen"];
    await generate(protoc, ["-I", contract, "-I", "include", ...outputs, ...protos]);
    await compile(workshop, "Use.kt");
    return "compiles";
  },
};

export const wire: Outsider = {
  name: "wire",
  needs: ["java", "mvn"],
  async build(workshop) {
    const { place, run, contract } = workshop;
    await place("wire");
    await fetchLibraries(workshop);
    // It prints the name of each file that it writes.
    const output = await run("java", [
      "-cp",
      "lib/*",
      "com.squareup.wire.WireCompiler",
      `--proto_path=${contract}`,
      "--kotlin_out=gen",
    ]);
    if (/warning/i.test(output)) throw new Error(`Wire warned:\n${output}`);
    await compile(workshop, "Use.kt");
    return "compiles";
  },
};
