// What Maven fetches: libraries with all that they need, protoc for this machine, and the .proto files of protobuf itself.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Absent, type Workshop } from "../outsider.js";

const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0";

/** Copies the dependencies of pom.xml into lib/, unless it did so before. `properties` are those of the pom. */
export async function fetchLibraries(
  workshop: Workshop,
  properties: Readonly<Record<string, string>> = {},
): Promise<void> {
  const words = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const wanted = [await readFile(join(workshop.folder, "pom.xml"), "utf8"), ...words].join("\n");
  await workshop.once("lib", wanted, () =>
    workshop.fetch("mvn", ["-q", "-B", `${plugin}:copy-dependencies`, "-DoutputDirectory=lib", ...words]),
  );
}

/** Copies one artifact, as in "group:name:version", into bin/, unless it did so before. Returns its file. */
export async function fetchArtifact(workshop: Workshop, artifact: string): Promise<string> {
  await workshop.once("bin", artifact, () =>
    workshop.fetch("mvn", ["-q", "-B", `${plugin}:copy`, `-Dartifact=${artifact}`, "-DoutputDirectory=bin"]),
  );
  const [, name, version] = artifact.split(":");
  return join("bin", `${name}-${version}.jar`);
}

/**
 * Fetches protoc, and takes the .proto files out of these libraries in lib/ into include/. Returns the command. Throws Absent where
 * there is no protoc for this machine.
 */
export async function fetchProtoc(workshop: Workshop, version: string, libraries: readonly string[]): Promise<string> {
  const machine = machines[`${process.platform}-${process.arch}`];
  if (machine === undefined) throw new Absent(`no protoc for ${process.platform} ${process.arch}`);
  const artifact = `com.google.protobuf:protoc:${version}:exe:${machine}`;
  await workshop.once("bin", artifact, () =>
    workshop.fetch("mvn", ["-q", "-B", `${plugin}:copy`, `-Dartifact=${artifact}`, "-DoutputDirectory=bin"]),
  );
  const program = join("bin", `protoc-${version}-${machine}.exe`);
  await workshop.run("chmod", ["+x", program]);
  const include = join(workshop.folder, "include");
  await mkdir(include, { recursive: true });
  for (const library of libraries) await workshop.run("jar", ["xf", join("../lib", library)], { cwd: include });
  return `./${program}`;
}

const machines: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x86_64",
  "linux-arm64": "linux-aarch_64",
  "darwin-x64": "osx-x86_64",
  "darwin-arm64": "osx-aarch_64",
};
