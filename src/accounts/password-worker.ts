// The thread that runs bcrypt: it may be busy for as long as it likes, since it serves nothing else.
import { parentPort } from "node:worker_threads";
import { compareSync, hashSync } from "bcryptjs";

/** What a thread is asked: to hash at a cost, or to compare with a hash. */
export type PasswordTask =
  | { readonly kind: "hash"; readonly password: string; readonly cost: number }
  | { readonly kind: "compare"; readonly password: string; readonly hash: string };

parentPort?.on("message", (task: PasswordTask) => {
  const answer = task.kind === "hash" ? hashSync(task.password, task.cost) : compareSync(task.password, task.hash);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(answer);
});
