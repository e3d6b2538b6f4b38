// Compiling for the JVM in a workshop, with the libraries in lib/.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Workshop } from "../outsider.js";

/**
 * Compiles everything in gen/ and these files into classes/, unless the same was compiled before: with javac, and with the
 * compiler in lib/ what is in Kotlin. Throws an Error when a compiler fails. What generated code is warned of is its generator's.
 */
export async function compile({ folder, run, once }: Workshop, ...files: readonly string[]): Promise<void> {
  const sources = [...files, ...(await filesIn(folder, "gen", /\.(?:java|kt)$/))];
  const libraries = await filesIn(folder, "lib", /\.jar$/);
  const hash = createHash("sha256").update(libraries.join());
  for (const source of sources) hash.update(source).update(await readFile(join(folder, source)));
  const java = sources.filter((source) => source.endsWith(".java"));
  await once("classes", hash.digest("hex"), async () => {
    await mkdir(join(folder, "classes"));
    if (java.length > 0) await run("javac", ["-encoding", "UTF-8", "-d", "classes", "-cp", "lib/*", ...java]);
    const kotlin = sources.filter((source) => source.endsWith(".kt"));
    if (kotlin.length === 0) return;
    const path = ["classes", ...libraries.filter((library) => !library.includes("kotlin-compiler"))].join(":");
    const compiler = [
      "-cp",
      "lib/*",
      "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
      "-no-stdlib",
      "-no-reflect",
      "-nowarn",
    ];
    await run("java", [...compiler, "-d", "classes", "-cp", path, ...kotlin]);
  });
}

/** A class that was compiled, as a command. */
export function programOf(name: string): string[] {
  return ["java", "-cp", "classes:lib/*", name];
}

async function filesIn(folder: string, inner: string, name: RegExp): Promise<string[]> {
  const all = await readdir(join(folder, inner), { recursive: true });
  return all
    .filter((path) => name.test(path))
    .sort()
    .map((path) => join(inner, path));
}
