// Java for Android: protobuf-javalite of both majors in the field, with Retrofit. Libraries and protoc from Maven.
import { clientDescriptors } from "../../support/client-descriptors.js";
import type { Outsider } from "../outsider.js";
import { compile, programOf } from "./jvm.js";
import { fetchLibraries, fetchProtoc } from "./maven.js";
import { writeRetrofitInterface } from "./retrofit-interface.js";

/** A version of protobuf-javalite, and the release of protoc that belongs to it. */
function javalite(version: string): Outsider {
  return {
    name: `javalite-${version.split(".")[0]}`,
    needs: ["java", "javac", "jar", "mvn"],
    async build(workshop) {
      const { contract, protos, place, generate } = workshop;
      await place("java");
      await fetchLibraries(workshop, { "protobuf.version": version });
      const protoc = await fetchProtoc(workshop, version, [`protobuf-javalite-${version}.jar`]);
      await generate(protoc, ["-I", contract, "-I", "include", "--java_out=lite:gen", ...protos]);
      await writeRetrofitInterface(workshop, await clientDescriptors());
      await compile(workshop, "Client.java");
      return programOf("Client");
    },
  };
}

export const javalite3 = javalite("3.25.9");
export const javalite4 = javalite("4.36.2");
