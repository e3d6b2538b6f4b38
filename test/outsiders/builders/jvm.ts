// Compiling for the JVM in a workshop, with the libraries in lib/.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Workshop } from "../outsider.js";

/** Compiles everything in gen/ and these files into classes/, with javac. */
export async function compileJava({ folder, run }: Workshop, ...files: readonly string[]): Promise<void> {
  const generated = await filesIn(join(folder, "gen"), ".java");
  await run("rm", ["-rf", "classes"]);
  await run("javac", ["-encoding", "UTF-8", "-d", "classes", "-cp", "lib/*", ...files, ...generated]);
}

/** The same for Kotlin, with the compiler in lib/. Throws an Error when it prints a warning about the code. */
export async function compileKotlin({ folder, run, generate }: Workshop, ...files: readonly string[]): Promise<void> {
  const libraries = (await filesIn(join(folder, "lib"), ".jar")).filter((path) => !path.includes("kotlin-compiler"));
  const compiler = [
    "-cp",
    "lib/*",
    "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
    "-no-stdlib",
    "-no-reflect",
    "-nowarn",
  ];
  await run("mkdir", ["-p", "classes"]);
  await generate("java", [...compiler, "-d", "classes", "-cp", ["classes", ...libraries].join(":"), "gen", ...files]);
}

/** A class that was compiled, as a command. */
export function programOf(name: string): string[] {
  return ["java", "-cp", "classes:lib/*", name];
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.filter((path) => path.endsWith(ending)).map((path) => join(folder, path));
}
