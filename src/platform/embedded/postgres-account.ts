// As whom Postgres runs: it refuses root, and initdb refuses a user id without a name. Knows no data.
import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { promisify } from "node:util";

export interface Account {
  /** What stands before a command to run it so. */
  readonly prefix: readonly string[];
  /** The user and group to become; undefined to stay. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

/** Runs as whoever started us. */
export const sameUser: Account = { prefix: [], ids: undefined };

const nobody = 65_534;

/**
 * To itself and to Postgres the process is user 65534, which every system has a name for; to the files it is still us.
 * Some containers do not allow it.
 */
export const mappedUser: Account = {
  prefix: ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"],
  ids: undefined,
};

/** Becomes another user, which only root can. Without an id: user 65534. */
export function otherUser(uid = nobody, gid = nobody): Account {
  return { prefix: [], ids: { uid, gid } };
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Whether this user id has a name on this machine. */
export function hasName(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

/** Why that account cannot run the program, or cannot enter the folder; undefined when it can. */
export async function whyNotRun(
  account: Account,
  program: string,
  folder: string,
  libraries: string,
): Promise<string | undefined> {
  // A shell, so that a folder that cannot be entered is told from a program that is not there.
  return failure(account, ["sh", "-c", 'cd "$1" && exec "$2" --version', "sh", folder, program], libraries);
}

/** What stands before Postgres so that the kernel stops it when we are killed; nothing where there is no such thing. */
export async function diesWithUs(account: Account): Promise<readonly string[]> {
  const prefix = ["setpriv", "--pdeathsig", "INT", "--"];
  return (await failure(account, [...prefix, "true"])) === undefined ? prefix : [];
}

/** The surroundings of every program that is run here: nothing of ours, so that no PGOPTIONS can change a server. */
export function environment(libraries?: string): Record<string, string> {
  const always = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", TZ: "UTC", LC_ALL: "C" };
  if (libraries === undefined) return always;
  return { ...always, [process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"]: libraries };
}

async function failure(account: Account, command: readonly string[], libraries?: string): Promise<string | undefined> {
  const [program = "", ...args] = [...account.prefix, ...command];
  try {
    await promisify(execFile)(program, args, { ...account.ids, cwd: "/", env: environment(libraries) });
    return undefined;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    return said.split("\n").at(-1) || (error instanceof Error ? error.message : String(error));
  }
}
