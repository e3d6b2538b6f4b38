import { expect } from "chai";
import { createAccount, createAdmin } from "../../src/accounts/create-account.js";
import { OperatorError } from "../../src/platform/operator-error.js";
import { testDatabase } from "../support/database.js";
import { open, type Opened, somebody } from "./opened.js";
import { refusal } from "./refusal.js";

describe("making accounts", () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let here: Opened;

  before(async () => {
    database = await testDatabase();
    here = await open(database.url);
  });
  after(async () => {
    await here.close();
    await database.drop();
  });

  const make = (email: string, password: string) =>
    createAdmin(here.server.database, here.accounts.passwords, { email, password });

  it("makes an account of any role, which can log in", async () => {
    const teacher = { ...somebody(), role: "ROLE_TEACHER" } as const;
    const { id, role } = await createAccount(here.server.database, here.accounts.passwords, teacher);
    expect(role).to.equal("ROLE_TEACHER");
    const { access_token } = await here.auth.login(teacher, here.call());
    expect(await here.accounts.authenticate(`Bearer ${access_token}`)).to.include({ id, role });
  });

  it("makes no person when the password cannot be kept", async () => {
    const person = { ...somebody(), password: "x".repeat(73), role: "ROLE_STUDENT" } as const;
    await createAccount(here.server.database, here.accounts.passwords, person).catch(() => undefined);
    expect(await here.sql("select from users where email = $1", person.email)).to.be.empty;
  });

  it("makes a super admin for the operator", async () => {
    expect(await make(" Head@Example.org ", "correct horse")).to.include({
      email: "head@example.org",
      role: "ROLE_SUPER_ADMIN",
    });
    await here.auth.login({ email: "head@example.org", password: "correct horse" }, here.call());
  });

  for (const [what, email, password, sentence] of [
    ["no address", "head", "correct horse", /address does not look like one/],
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

  it("gives an operator the address of somebody who is gone", async () => {
    const first = await make("again@example.org", "correct horse");
    await make("other@example.org", "correct horse");
    await here.auth.deleteMe({}, here.call({ id: first.id, role: first.role, sessionId: "" }));
    const second = await make("again@example.org", "correct horse");
    expect(second.id).to.be.greaterThan(first.id);
    await here.auth.login({ email: "again@example.org", password: "correct horse" }, here.call());
  });

  it("says EMAIL_TAKEN to a program", async () => {
    const person = { ...somebody(), role: "ROLE_STUDENT" } as const;
    await createAccount(here.server.database, here.accounts.passwords, person);
    const error = await refusal(createAccount(here.server.database, here.accounts.passwords, person));
    expect(error.reason).to.equal("EMAIL_TAKEN");
  });
});
