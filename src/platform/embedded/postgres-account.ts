// The account that runs Postgres, which refuses root; initdb refuses a user id without a name. It knows no data.
import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { promisify } from "node:util";

export interface Account {
  /** A command that executes another as this account. */
  readonly prefix: readonly string[];
  /** The user and the group to change to; undefined for no change. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

/** The account of this process. */
export const sameUser: Account = { prefix: [], ids: undefined };

const nobody = 65_534;

/**
 * A user namespace: for the process its user is 65534, which has a name on every system; for the files it is the user of this
 * process. Some containers forbid it.
 */
export const mappedUser: Account = {
  prefix: ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"],
  ids: undefined,
};

/** Another user, 65534 by default. Only root can change to it. */
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

/** The reason why an account cannot execute the program, or cannot enter the folder; undefined when it can. */
export async function whyNotRun(
  account: Account,
  program: string,
  folder: string,
  libraries: string,
): Promise<string | undefined> {
  // A shell distinguishes a folder that cannot be entered from a program that does not exist.
  return failure(account, ["sh", "-c", 'cd "$1" && exec "$2" --version', "sh", folder, program], libraries);
}

/** A command that executes Postgres so that the kernel stops it when this process is killed; empty where there is none. */
export async function deathSignal(account: Account): Promise<readonly string[]> {
  const prefix = ["setpriv", "--pdeathsig", "INT", "--"];
  return (await failure(account, [...prefix, "true"])) === undefined ? prefix : [];
}

/** The environment of every program that is executed here. Nothing of this process is in it, such as PGOPTIONS. */
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
    const output = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    return output.split("\n").at(-1) || (error instanceof Error ? error.message : String(error));
  }
}
