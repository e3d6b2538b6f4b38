// The folders of an embedded Postgres, for its data, its programs and its socket, and the account that has access to all three.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Logger } from "pino";
import { OperatorError } from "../operator-error.js";
import { type Account, hasName, isRoot, mappedUser, otherUser, sameUser, whyNotRun } from "./postgres-account.js";
import { type Binaries, copyBinaries, findBinaries, linkLibraries } from "./postgres-binaries.js";

export interface Home {
  readonly account: Account;
  readonly binaries: Binaries;
  /** The data directory of Postgres. */
  readonly cluster: string;
  readonly isNew: boolean;
  /** For the socket and the links of this run; accessible to its owner alone. */
  readonly runDirectory: string;
  /** The folder in `runDirectory` with the libraries, for the loader. */
  readonly libraries: string;
}

interface Cluster {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

/** The folder of root for programs and data when an account without rights has no access to `directory`. */
const systemFolder = "/var/lib/lyceum";

/** Finds or creates the home in `directory`, which exists. Fails with an OperatorError when no account can run Postgres there. */
export async function prepareHome(directory: string, log: Logger | undefined): Promise<Home> {
  const binaries = await findBinaries();
  const found = await findCluster(join(directory, "postgres"), binaries);
  let reason = "";
  for (const account of accountsFor(found)) {
    const attempt = await prepareFor(account, binaries, directory, found, log);
    if ("runDirectory" in attempt) return attempt;
    reason = attempt.reason;
  }
  if (!isRoot() && !hasName()) {
    throw new OperatorError(
      `The user id ${process.getuid?.()} has no name on this machine, and Postgres requires one: add it to /etc/passwd, ` +
        "start as another user, or set DATABASE_URL to a Postgres of your own.",
    );
  }
  throw new OperatorError(
    `The embedded Postgres cannot run here (${reason}): set DATABASE_URL to a Postgres of your own, ` +
      "or DATA_DIR to another folder.",
  );
}

/** The accounts to try, in order. An existing cluster is run by its owner, since Postgres refuses any other user. */
function accountsFor(found: Cluster | undefined): Account[] {
  if (isRoot()) return found && found.uid !== 0 ? [otherUser(found.uid, found.gid)] : [mappedUser, otherUser()];
  if (found && found.uid !== process.getuid?.()) {
    throw new OperatorError(
      `The data in ${found.path} belongs to another user (id ${found.uid}): start as that user, or give the folder to this one.`,
    );
  }
  return hasName() ? [sameUser] : found ? [mappedUser, sameUser] : [mappedUser];
}

async function prepareFor(
  account: Account,
  packaged: Binaries,
  directory: string,
  found: Cluster | undefined,
  log: Logger | undefined,
): Promise<Home | { readonly reason: string }> {
  const runDirectory = await makeRunDirectory(directory, account);
  const libraries = join(runDirectory, "lib");
  await linkLibraries(packaged, libraries);
  const refuse = async (reason: string): Promise<{ reason: string }> => {
    await rm(runDirectory, { recursive: true, force: true });
    return { reason };
  };

  let binaries = packaged;
  let cannotRun = await whyNotRun(account, binaries.postgres, "/", libraries);
  if (cannotRun !== undefined && account.ids) {
    binaries = await copyBinaries(packaged, systemFolder);
    await linkLibraries(binaries, libraries);
    cannotRun = await whyNotRun(account, binaries.postgres, "/", libraries);
    if (cannotRun === undefined)
      log?.warn(`User ${account.ids.uid} cannot run Postgres from ${packaged.native}: it runs from ${binaries.native}`);
  }
  if (cannotRun !== undefined) return refuse(cannotRun);

  const cannotEnter = await whyNotRun(account, binaries.postgres, found ? dirname(found.path) : directory, libraries);
  if (cannotEnter !== undefined && (found || !account.ids)) return refuse(cannotEnter);
  if (found) await give(found, account);
  const inside = join(directory, "postgres");
  const cluster = found?.path ?? (cannotEnter === undefined ? inside : await moveOut(directory, log));
  return { account, binaries, cluster, isNew: found === undefined, runDirectory, libraries };
}

/** The link in `directory` leads people and the next start to the data. */
async function moveOut(directory: string, log: Logger | undefined): Promise<string> {
  const place = join(systemFolder, digest(directory));
  await mkdir(place, { recursive: true, mode: 0o755 });
  const cluster = join(place, "postgres");
  await rm(join(directory, "postgres"), { force: true });
  await symlink(cluster, join(directory, "postgres"));
  log?.warn(`Postgres, which refuses to be root, cannot enter ${directory}: its data is kept in ${cluster}`);
  return cluster;
}

async function give(cluster: Cluster, { ids }: Account): Promise<void> {
  // A copy or a checkout may have changed the mode, and Postgres refuses data that others can read.
  await chmod(cluster.path, 0o700);
  if (ids === undefined || ids.uid === cluster.uid) return;
  for (const entry of ["", ...(await readdir(cluster.path, { recursive: true }))]) {
    await chown(join(cluster.path, entry), ids.uid, ids.gid);
  }
}

async function findCluster(link: string, binaries: Binaries): Promise<Cluster | undefined> {
  const path = await realpath(link).catch(ifMissing);
  if (path === undefined) return undefined;
  const version = (await readFile(join(path, "PG_VERSION"), "utf8").catch(ifMissing))?.trim();
  const major = binaries.version.split(".")[0];
  if (version === undefined) {
    // An empty folder is replaced; any other is left as it is.
    await rmdir(path).catch((error: unknown) => {
      throw new OperatorError(`${path} is not a folder of Postgres: move it away, or set DATA_DIR to another folder.`, {
        cause: error,
      });
    });
    return undefined;
  }
  if (version !== major) {
    throw new OperatorError(
      `The data in ${path} was made by Postgres ${version}, and this is Postgres ${major}: move the folder away to begin ` +
        `anew, or dump it with Postgres ${version} and load it here.`,
    );
  }
  const { uid, gid } = await stat(path);
  return { path, uid, gid };
}

function ifMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

async function makeRunDirectory(directory: string, { prefix, ids }: Account): Promise<string> {
  const uid = ids?.uid ?? process.getuid?.() ?? 0;
  const name = `lyceum-${digest(`${uid} ${directory}`)}`;
  // The path of a socket has at most 103 bytes on macOS, 107 on Linux; and another account has no access to TMPDIR.
  const fits = Buffer.byteLength(join(tmpdir(), name, ".s.PGSQL.5432")) <= 103;
  const path = join(fits && ids === undefined && prefix.length === 0 ? tmpdir() : "/tmp", name);
  await removeOrphans(dirname(path), uid);
  try {
    await mkdir(path, { mode: 0o700 });
    if (ids) await chown(path, ids.uid, ids.gid);
    await symlink(directory, join(path, "data"));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const made = await lstat(path);
  if (!made.isDirectory() || made.uid !== uid || (made.mode & 0o077) !== 0) {
    throw new OperatorError(
      `${path} is not a private folder of this user: remove it, since the socket of Postgres goes there.`,
    );
  }
  return path;
}

/** Removes the folders of killed servers whose data has been deleted since. */
async function removeOrphans(folder: string, uid: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^lyceum-[0-9a-f]{16}$/.test(name)) continue;
    const path = join(folder, name);
    const data =
      (await lstat(path).catch(() => undefined))?.uid === uid
        ? await readlink(join(path, "data")).catch(() => undefined)
        : undefined;
    if (data !== undefined && !existsSync(data)) await rm(path, { recursive: true, force: true });
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
