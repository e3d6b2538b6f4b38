import { expect } from "chai";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";

describe("changing an e-mail address", () => {
  let here: School;
  let account: Account;
  let turn = 0;
  let next: string;

  before(async () => {
    here = await openSchool();
  });
  beforeEach(async () => {
    account = await here.account();
    next = `new.${++turn}@example.org`;
  });
  after(() => here.close());

  const ask = (email = next, by = account) =>
    here.passwords.requestEmailChange({ email, current_password: by.password }, by.call);
  const confirm = (token: string) => here.passwords.confirmEmailChange({ token }, here.as());
  const login = (email: string, password = account.password) => here.auth.login({ email, password }, here.as());

  it("happens when the new address is confirmed, and is told to both", async () => {
    await ask();
    await here.mailbox.take(account.email, "asked to change");
    await login(account.email);
    await confirm(await here.mailbox.token(next, "confirm-email"));
    expect(await here.auth.getMe({}, account.call)).to.include({ email: next, version: 2 });
    await here.mailbox.take(account.email, "was changed");
    await here.mailbox.take(next, "was changed");
    expect(await reasonOf(login(account.email))).to.equal("INVALID_CREDENTIALS");
    await login(next);
    expect(await here.isLetIn(account)).to.equal(true);
  });

  it("needs the password", async () => {
    const wrong = { email: next, current_password: "wrong horse" };
    expect(await reasonOf(here.passwords.requestEmailChange(wrong, account.call))).to.equal("INVALID_CREDENTIALS");
    expect(here.mails.filter(({ to }) => to.address === next)).to.be.empty;
  });

  it("is not possible where mail is off", async () => {
    here.mailbox.isOn = false;
    expect(await reasonOf(ask())).to.equal("MAIL_OFF");
    here.mailbox.isOn = true;
  });

  it("happens once for twenty at the same time", async () => {
    await ask();
    const token = await here.mailbox.token(next, "confirm-email");
    const { answers, reasons } = await outcomes(upTo(20).map(() => confirm(token)));
    expect([answers.length, new Set(reasons)]).to.deep.equal([1, new Set(["LINK_NOT_VALID"])]);
    expect(await here.auth.getMe({}, account.call)).to.include({ version: 2 });
  });

  it("does not tell whether the address is taken, and is refused when it is", async () => {
    const other = await here.account();
    expect(await ask(other.email.toUpperCase())).to.deep.equal({});
    const token = await here.mailbox.token(other.email, "confirm-email");
    expect(await reasonOf(confirm(token))).to.equal("EMAIL_TAKEN");
    expect(await here.auth.getMe({}, account.call)).to.include({ email: account.email, version: 1 });
  });

  it("gives an address to one of twenty who confirm it at the same time", async () => {
    const people = await Promise.all(upTo(20).map(() => here.account()));
    for (const person of people) await ask(next, person);
    const tokens = [];
    for (const _ of people) tokens.push(await here.mailbox.token(next, "confirm-email"));
    const { answers, reasons } = await outcomes(tokens.map(confirm));
    expect([answers.length, new Set(reasons)]).to.deep.equal([1, new Set(["EMAIL_TAKEN"])]);
  });

  it("ends links that were mailed before, as does a new password", async () => {
    await here.passwords.requestPasswordReset({ email: account.email }, here.as());
    const reset = await here.mailbox.token(account.email, "reset-password");
    await ask();
    await confirm(await here.mailbox.token(next, "confirm-email"));
    const use = here.passwords.resetPassword({ token: reset, new_password: "another horse" }, here.as());
    expect(await reasonOf(use)).to.equal("LINK_NOT_VALID");

    await ask(`other.${next}`);
    const token = await here.mailbox.token(`other.${next}`, "confirm-email");
    const change = { current_password: account.password, new_password: "another horse" };
    await here.passwords.changePassword(change, account.call);
    expect(await reasonOf(confirm(token))).to.equal("LINK_NOT_VALID");
  });

  it("is refused after a day, for a later request, for a link of another kind, and when the account has ended", async () => {
    await ask();
    const first = await here.mailbox.token(next, "confirm-email");
    await ask();
    const second = await here.mailbox.token(next, "confirm-email");
    await here.passwords.requestPasswordReset({ email: account.email }, here.as());
    const reset = await here.mailbox.token(account.email, "reset-password");
    for (const token of [first, reset, "nonsense"]) expect(await reasonOf(confirm(token))).to.equal("LINK_NOT_VALID");
    const age = "update one_time_links set expires_at = expires_at - make_interval(hours => $2) where user_id = $1";
    await here.sql(age, [account.id, 24]);
    expect(await reasonOf(confirm(second))).to.equal("LINK_NOT_VALID");
    await here.sql(age, [account.id, -24]);
    await here.auth.deleteMe(account, account.call);
    expect(await reasonOf(confirm(second))).to.equal("LINK_NOT_VALID");
  });

  // The spellings of one address, and addresses that are others though they look alike.
  for (const [address, same, others] of [
    ["Masha.{}@Example.org", ["masha.{}@EXAMPLE.ORG"], ["masha{}@example.org"]],
    ["же\u0308нна.{}@школа.рф", ["ЖЁННА.{}@ШКОЛА.РФ", "жённа.{}@xn--80atdl2c.xn--p1ai"], ["женна.{}@школа.рф"]],
    ["i.{}@example.org", ["I.{}@example.org"], ["ı.{}@example.org", "İ.{}@example.org"]],
    ["strasse.{}@example.org", ["STRASSE.{}@example.org"], ["straße.{}@example.org"]],
    ["straße.{}@example.org", ["STRAßE.{}@example.org"], ["strasse.{}@example.org"]],
    ["a.{}@bücher.example", ["A.{}@BÜCHER.example", "a.{}@xn--bcher-kva.example"], ["a.{}@bucher.example"]],
  ] as const)
    it(`compares without case and in NFC: ${address}`, async () => {
      const own = (text: string): string => text.replace("{}", `n${turn}`);
      await ask(own(address));
      const { text } = await here.mailbox.take(
        here.mails.findLast(({ text: one }) => one.includes("confirm-email"))!.to.address,
        "confirm-email",
      );
      await confirm(/#token=([\w-]+)/.exec(text)![1]!);
      for (const spelling of [address, ...same]) {
        await login(own(spelling));
        const taken = here.auth.register({ ...account, email: own(spelling) }, here.as());
        expect(await reasonOf(taken), spelling).to.equal("EMAIL_TAKEN");
      }
      for (const other of others) expect(await reasonOf(login(own(other))), other).to.equal("INVALID_CREDENTIALS");
    });
});
