import { expect } from "chai";
import { createAccount, createAdmin } from "../../src/accounts/create-account.js";
import { OperatorError } from "../../src/platform/operator-error.js";
import { openSchool, type School, somebody } from "../support/call-as.js";
import { refusal } from "../support/outcomes.js";

describe("making accounts", () => {
  let here: School;

  before(async () => {
    here = await openSchool();
  });
  after(() => here.close());

  const make = (email: string, password: string) =>
    createAdmin(here.database, here.accounts.passwords, { email, password, appName: "Lyceum" });

  it("makes an account of any role, which can log in", async () => {
    const teacher = { ...somebody(), role: "ROLE_TEACHER" } as const;
    const { id, role } = await createAccount(here.database, here.accounts.passwords, teacher);
    expect(role).to.equal("ROLE_TEACHER");
    const { access_token } = await here.auth.login(teacher, here.as());
    expect(await here.accounts.authenticate(`Bearer ${access_token}`)).to.include({ id, role });
  });

  it("makes no user when the password cannot be hashed", async () => {
    const person = { ...somebody(), password: "x".repeat(73), role: "ROLE_STUDENT" } as const;
    await createAccount(here.database, here.accounts.passwords, person).catch(() => undefined);
    expect(await here.sql("select from users where email = $1", [person.email])).to.be.empty;
  });

  it("makes a super admin for the operator", async () => {
    expect(await make(" Head@Example.org ", "correct horse")).to.include({
      email: "head@example.org",
      role: "ROLE_SUPER_ADMIN",
    });
    await here.auth.login({ email: "head@example.org", password: "correct horse" }, here.as());
  });

  it("makes one account of an address, however it is written", async () => {
    const spellings = [
      "Жённа@Школа.рф",
      "же\u0308нна@школа.рф",
      "жённа@xn--80atdl2c.xn--p1ai",
      "ЖЁННА@XN--80ATDL2C.XN--P1AI",
    ];
    const { email } = await make(spellings[0]!, "correct horse");
    expect(email).to.equal("жённа@школа.рф");
    for (const spelling of spellings) {
      await here.auth.login({ email: spelling, password: "correct horse" }, here.as());
      const draft = { ...somebody(), email: spelling };
      expect((await refusal(here.auth.register(draft, here.as()))).reason).to.equal("EMAIL_TAKEN");
    }
  });

  for (const [what, email, password, sentence] of [
    ["no address", "head", "correct horse", /address does not look like one/],
    ["two addresses", "a@b@example.org", "correct horse", /address does not look like one/],
    ["an address of a character that is not seen", "a\u200b@example.org", "correct horse", /does not look like one/],
    ["an empty address", " ", "correct horse", /address does not look like one/],
    ["an endless address", `${"x".repeat(250)}@example.org`, "correct horse", /address does not look like one/],
    ["a short password", "new@example.org", "1234567", /too short/],
    ["a short password of pairs", "new@example.org", "😀".repeat(7), /too short/],
    ["a password that bcrypt would cut", "new@example.org", "п".repeat(37), /too long/],
    ["an address that is taken", "taken@example.org", "correct horse", /taken@example\.org already/],
  ] as const) {
    it(`refuses a super admin with ${what}, in a sentence`, async () => {
      if (email === "taken@example.org") await make(email, password);
      const error = await make(email, password).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(OperatorError);
      expect((error as OperatorError).message).to.match(sentence);
    });
  }

  it("makes a super admin with the address of an account that has ended", async () => {
    const first = await make("again@example.org", "correct horse");
    await make("other@example.org", "correct horse");
    const proof = { password: "correct horse" };
    await here.auth.deleteMe(proof, here.as({ id: first.id, role: first.role, sessionId: "", means: "bearer" }));
    const second = await make("again@example.org", "correct horse");
    expect(second.id).to.be.greaterThan(first.id);
    await here.auth.login({ email: "again@example.org", password: "correct horse" }, here.as());
  });

  it("throws EMAIL_TAKEN when the address is taken", async () => {
    const person = { ...somebody(), role: "ROLE_STUDENT" } as const;
    await createAccount(here.database, here.accounts.passwords, person);
    const error = await refusal(createAccount(here.database, here.accounts.passwords, person));
    expect(error.reason).to.equal("EMAIL_TAKEN");
  });
});
