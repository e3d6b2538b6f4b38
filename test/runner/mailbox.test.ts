import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Skipped } from "../../runner/check.js";
import { Mailbox } from "../../runner/cases/mailbox.js";
import { fixedPair } from "../../runner/cases/codec-plan.js";
import { StepRunner } from "../../runner/cases/step-runner.js";
import { Variables } from "../../runner/cases/variables.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { temporaryFolder } from "../support/database.js";

const mail = (to: string, text: string): string => `To: Masha <To: x> <${to}>\nSubject: Hello\n\n${text}\n`;

describe("a step that reads mail", () => {
  let folder: string;
  let variables: Variables;

  beforeEach(async () => {
    folder = join(await temporaryFolder(), "mail");
    variables = new Variables();
  });

  const stepRunner = async (mailbox: Mailbox | undefined): Promise<StepRunner> => {
    const descriptors = await clientDescriptors();
    const client = { call: () => Promise.reject(new Error("no call is made")), descriptors };
    const codecPlan = fixedPair({ request: "json", response: "json" });
    return new StepRunner({ client, volatile: [], variables, codecPlan, method: "", mailbox });
  };
  const link = (mailTo = "${who}@example.org") => ({ mailTo, matching: "#token=(?<token>\\w+)" });

  it("waits for a complete mail to the address, and makes variables of its parts", async () => {
    variables.set("who", "masha");
    const runner = await stepRunner(new Mailbox(folder));
    const reading = runner.run(link(), "");
    await mkdir(folder);
    await writeFile(join(folder, "1.txt"), mail("petya@example.org", "#token=other"));
    await writeFile(join(folder, "2.txt"), mail("masha@example.org", "no link"));
    await writeFile(join(folder, ".3.txt"), mail("masha@example.org", "#token=cut"));
    await writeFile(join(folder, ".4.txt"), mail("masha@example.org", "\n#token=right"));
    await rename(join(folder, ".4.txt"), join(folder, "4.txt"));
    await reading;
    expect(variables.get("token")).to.equal("right");
  });

  it("reads each mail once, the oldest first", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "2.txt"), mail("a@example.org", "#token=second"));
    await writeFile(join(folder, "1.txt"), mail("a@example.org", "#token=first"));
    const runner = await stepRunner(new Mailbox(folder));
    for (const expected of ["first", "second"]) {
      await runner.run(link("a@example.org"), "");
      expect(variables.get("token")).to.equal(expected);
    }
    expect(await new Mailbox(folder).find("a@example.org", /third/, new Set(), 0)).to.equal(undefined);
  });

  it("is skipped where there is no mailbox", async () => {
    const error = await (await stepRunner(undefined)).run(link("a@example.org"), "").catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Skipped);
  });
});
