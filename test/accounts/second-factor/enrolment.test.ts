import { expect } from "chai";
import { totp } from "../../../runner/cases/computed/totp.js";
import { sweepEnrolments } from "../../../src/accounts/second-factor/second-factor.js";
import type { Mail } from "../../../src/platform/mail/mailer.js";
import { openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";
import { challengeOf, enrolled } from "./support.js";

describe("setting up a second factor", function () {
  this.timeout(60_000);
  let here: School;
  let there: School;

  before(async () => {
    here = await openSchool();
    there = await openSchool(here.url);
  });
  after(async () => {
    await there.close();
    await here.close();
  });

  it("is confirmed once, of twenty calls at once on two processes, with one set of recovery codes", async () => {
    const { password, call, id } = await here.account();
    const { secret } = await here.secondFactor.beginTotp({ password }, call);
    const code = totp(secret);
    const { answers, reasons } = await outcomes(
      upTo(20).map((number) => (number % 2 ? here : there).secondFactor.confirmTotp({ code }, call)),
    );
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("NO_SECOND_FACTOR"));
    expect(await here.sql("select from recovery_codes where user_id = $1", [id])).to.have.length(10);
  });

  it("has half an hour, after which the secret is swept", async () => {
    const { password, call, id } = await here.account();
    const { secret, expires_at } = await here.secondFactor.beginTotp({ password }, call);
    expect(Date.parse(expires_at) - Date.now()).to.be.within(29 * 60_000, 30 * 60_000);
    await here.sql("update totp_enrolments set expires_at = now() - interval '1 second' where user_id = $1", [id]);
    expect(await reasonOf(here.secondFactor.confirmTotp({ code: totp(secret) }, call))).to.equal("NO_SECOND_FACTOR");
    await sweepEnrolments.run(here.database, new AbortController().signal);
    expect(await here.sql("select from totp_enrolments where user_id = $1", [id])).to.deep.equal([]);
  });

  it("stores neither the secret nor a code in a form that opens anything", async () => {
    const anna = await enrolled(here);
    const [row] = await here.sql<{ secret: Buffer }>("select secret from totp_factors where user_id = $1", [anna.id]);
    expect(row!.secret).to.have.length(12 + 20 + 16);
    const hashes = await here.sql<{ code_hash: Buffer }>("select code_hash from recovery_codes where user_id = $1", [
      anna.id,
    ]);
    for (const { code_hash } of hashes) expect(code_hash).to.have.length(32);
  });

  it("keeps the second factor of before until the new one is confirmed, and takes its code", async () => {
    const anna = await enrolled(here);
    const { password, call } = anna;
    const { secret } = await here.secondFactor.beginTotp({ password, code: anna.next }, call);
    expect(secret).not.to.equal(anna.secret);
    await here.secondFactor.completeLogin(
      { mfa_challenge: await challengeOf(here, anna), recovery_code: anna.recoveryCodes[3]! },
      here.as(),
    );
    await here.secondFactor.confirmTotp({ code: totp(secret) }, call);
    const spent = { mfa_challenge: await challengeOf(here, anna), recovery_code: anna.recoveryCodes[4]! };
    expect(await reasonOf(here.secondFactor.completeLogin(spent, here.as()))).to.equal("INVALID_CODE");
  });

  it("is asked for a password by callers with a token, and by those whose account has ended for a login", async () => {
    const { password, call } = await here.account();
    expect(await reasonOf(here.secondFactor.beginTotp({ password: "wrong horse" }, call))).to.equal(
      "INVALID_CREDENTIALS",
    );
    await here.auth.deleteMe({ password }, call);
    expect(await reasonOf(here.secondFactor.beginTotp({ password }, call))).to.equal("INVALID_TOKEN");
  });

  it("leaves nothing when the account ends", async () => {
    const anna = await enrolled(here);
    const { password, call, id } = anna;
    await challengeOf(here, anna);
    await here.secondFactor.beginTotp({ password, code: anna.next }, call);
    await here.auth.deleteMe({ password }, call);
    for (const table of ["totp_enrolments", "totp_factors", "recovery_codes", "mfa_obligations", "login_challenges"])
      expect(await here.sql(`select from ${table} where user_id = $1`, [id]), table).to.deep.equal([]);
  });

  it("is told by mail, where mail leaves the server, without a secret", async () => {
    const sent: Mail[] = [];
    const there = here.secondFactorWith({ mailer: { isOn: true, send: async (_, mails) => void sent.push(...mails) } });
    const { password, call, email } = await here.account();
    const { secret } = await there.beginTotp({ password }, call);
    const { recovery_codes } = await there.confirmTotp({ code: totp(secret) }, call);
    const { recovery_codes: renewed } = await there.renewRecoveryCodes({ password }, call);
    const { mfa_challenge = "" } = await here.auth.login({ email, password }, here.as());
    await there.completeLogin({ mfa_challenge, recovery_code: renewed[0]! }, here.as());
    await there.disableTotp({ password }, call);
    await there.disableTotp({ password }, call);
    const admin = await here.account("ROLE_SUPER_ADMIN");
    await there.resetTotp({ user_id: call.user.id }, admin.call);
    expect(sent.map(({ to, text }) => [to.address, /^[^.]*/.exec(text)![0]])).to.deep.equal([
      [email, "A second factor was enabled for your account"],
      [email, "Your account has new recovery codes"],
      [email, "A recovery code was used to log in to your account"],
      [email, "The second factor of your account was removed"],
      [email, "An administrator has removed the second factor of your account, and ended your sessions"],
    ]);
    for (const given of [secret, ...recovery_codes, ...renewed]) expect(JSON.stringify(sent)).not.to.contain(given);
  });
});
