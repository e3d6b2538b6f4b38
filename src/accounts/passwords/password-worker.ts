// The thread that runs bcrypt, which blocks it for a quarter of a second: it does nothing else.
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { compareSync, hashSync } from "bcryptjs";

/** A message to the thread: to hash at a cost, or to compare with a hash. */
export type PasswordTask =
  | { readonly kind: "hash"; readonly password: string; readonly cost: number }
  | { readonly kind: "compare"; readonly password: string; readonly hash: string };

// Elsewhere the priority is that of the whole process.
if ((workerData as { isPatient?: boolean } | null)?.isPatient && process.platform === "linux")
  setPriority(constants.priority.PRIORITY_LOW);

parentPort?.on("message", (task: PasswordTask) => {
  const answer = task.kind === "hash" ? hashSync(task.password, task.cost) : compareSync(task.password, task.hash);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(answer);
});
