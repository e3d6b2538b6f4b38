import { expect } from "chai";
import { isCommonPassword, requireUncommonPassword } from "../../../src/accounts/passwords/common-passwords.js";
import { openSchool, type School, somebody } from "../../support/call-as.js";
import { refusal } from "../../support/outcomes.js";

const known = { email: "masha.petrova@школа.рф", names: ["Мария", "Иванова-Мюллер"], appName: "Lyceum" };

describe("passwords that are guessed first", () => {
  for (const password of [
    "password",
    "12345678",
    "qwertyuiop",
    "trustno1",
    "iloveyou",
    "football",
    // In any case and form of a letter, with blanks around, and on the other layout of a keyboard.
    "PASSWORD",
    "PassWord1",
    "ｐａｓｓｗｏｒｄ",
    "①２３４５６７８",
    " password ",
    "йцукенгшщз",
    "ЙЦУКЕНГШЩЗ",
    "masha.petrova@школа.рф",
    "MASHA.PETROVA@ШКОЛА.РФ",
    "Masha.Petrova",
    "petrova1",
    "petrova_2026",
    "mashapetrova",
    "Мария Иванова",
    "иванова-мюллер",
    "мюллер12052010",
    "ИВАНОВАМАРИЯ!",
    "Lyceum-Lyceum",
    "lyceum2026",
    "LYCEUM!!",
  ])
    it(`are refused: ${password}`, async () => {
      expect(await isCommonPassword(password, known)).to.equal(true);
    });

  for (const password of [
    "lyceum-demo",
    "correct horse",
    "иванова и лошадь",
    "верный конь",
    "petrovagrad",
    "        ",
    "🦊🦊🦊🦊🦊🦊🦊🦊",
    "x9$kd02m",
    "password of mine",
  ])
    it(`are not all that have a known word: ${password}`, async () => {
      expect(await isCommonPassword(password, known)).to.equal(false);
    });

  it("are not those with names of a letter or two in them", async () => {
    const li = { email: "a@b.example", names: ["Ли", "О"], appName: "L" };
    expect(await isCommonPassword("лилипуты", li)).to.equal(false);
  });

  it("are refused with the field, its pointer and the rule", async () => {
    const { more, reason } = await refusal(requireUncommonPassword("new_password", "password", known));
    expect(reason).to.equal("INVALID_FIELDS");
    const [violation, ...others] = more.violations ?? [];
    expect(others).to.be.empty;
    expect(violation).to.include({ field: "new_password", pointer: "/new_password", rule: "password.common" });
  });
});

describe("a new password, wherever it is set,", () => {
  let here: School;
  before(async () => {
    here = await openSchool();
  });
  after(() => here.close());

  it("is not one that is guessed first", async () => {
    const account = await here.account();
    const isRefused = async (work: Promise<unknown>, field: string): Promise<void> => {
      const { reason, more } = await refusal(work);
      expect({ reason, rules: more.violations?.map((each) => [each.field, each.rule]) }).to.deep.equal({
        reason: "INVALID_FIELDS",
        rules: [[field, "password.common"]],
      });
    };
    const ivanova = "иванова1";
    await isRefused(here.auth.register({ ...somebody(), password: ivanova }, here.as()), "password");
    const change = { current_password: account.password, new_password: ivanova };
    await isRefused(here.passwords.changePassword(change, account.call), "new_password");
    await here.passwords.requestPasswordReset({ email: account.email }, here.as());
    const token = await here.mailbox.token(account.email, "reset-password");
    await isRefused(here.passwords.resetPassword({ token, new_password: ivanova }, here.as()), "new_password");
    // The link is as it was.
    await here.passwords.resetPassword({ token, new_password: "another horse" }, here.as());
  });
});
