// Plays the session with a client of any kind.
import { randomBytes } from "node:crypto";
import type { Client } from "../../runner/client/client.js";
import { fixedPair } from "../../runner/cases/codec-plan.js";
import { Mailbox } from "../../runner/cases/mailbox.js";
import { StepRunner } from "../../runner/cases/step-runner.js";
import { Variables } from "../../runner/cases/variables.js";
import type { CodecName } from "../../runner/client/encoding.js";
import { session } from "./session.js";

/** An account with the role of a super admin. */
export interface Admin {
  readonly email: string;
  readonly password: string;
}

/** Plays all steps, and returns their number. `mailFolder` is where the server writes its mail. Throws BrokenPromise at the first answer that is not the expected one. */
export async function playSession(
  client: Pick<Client, "call" | "descriptors">,
  admin: Admin,
  mailFolder: string,
  codec: CodecName = "protobuf",
): Promise<number> {
  const variables = new Variables();
  variables.set("run", randomBytes(5).toString("hex"));
  variables.set("admin", admin);
  const mailbox = new Mailbox(mailFolder);
  const codecPlan = fixedPair({ request: codec, response: codec });
  const stepRunner = new StepRunner({ client, volatile: [], variables, codecPlan, method: "", mailbox });
  for (const [at, step] of session.entries()) await stepRunner.run(step, `step ${at + 1} of ${session.length}`);
  return session.length;
}
