import { expect } from "chai";
import { totp } from "../../../runner/cases/computed/totp.js";
import { sweepChallenges } from "../../../src/accounts/login-challenges/challenges.js";
import { endSessionsOf } from "../../../src/accounts/sessions/end-sessions.js";
import type { Tokens } from "../../../src/gen/lyceum/v1/auth.js";
import { openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf, refusal } from "../../support/outcomes.js";
import { challengeOf, enrolled, type Enrolled } from "./support.js";

const wrongCode = "000000";

describe("the second step of a login", function () {
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

  const complete = (school: School, mfa_challenge: string, code: string): Promise<Tokens> =>
    school.secondFactor.completeLogin({ mfa_challenge, code }, school.as());
  const recover = (school: School, mfa_challenge: string, recovery_code: string): Promise<Tokens> =>
    school.secondFactor.completeLogin({ mfa_challenge, recovery_code }, school.as());
  const challengesOf = (person: Enrolled): Promise<string[]> =>
    Promise.all(upTo(20).map((number) => challengeOf(number % 2 ? here : there, person)));
  /** Lets the wait after wrong codes pass. */
  const waitOver = ({ id }: Enrolled) =>
    here.sql("update totp_factors set retry_at = now() - interval '1 second' where user_id = $1", [id]);

  it("takes one code once, of twenty logins at once on two processes", async () => {
    const anna = await enrolled(here);
    const challenges = await challengesOf(anna);
    const { answers, reasons } = await outcomes(
      challenges.map((challenge, at) => complete(at % 2 ? there : here, challenge, anna.next)),
    );
    expect(answers).to.have.length(1);
    expect(reasons).to.deep.equal(Array(19).fill("INVALID_CODE"));
    // A code that was used before is no guess.
    expect(await here.sql("select failures, retry_at from totp_factors where user_id = $1", [anna.id])).to.deep.equal([
      { failures: 0, retry_at: undefined },
    ]);
  });

  it("takes one recovery code once, of twenty logins at once on two processes", async () => {
    const anna = await enrolled(here);
    const challenges = await challengesOf(anna);
    const { answers, reasons } = await outcomes(
      challenges.map((challenge, at) => recover(at % 2 ? there : here, challenge, anna.recoveryCodes[0]!)),
    );
    expect(answers).to.have.length(1);
    expect(answers[0]).to.include({ recovery_codes_left: 9 });
    expect(reasons).to.deep.equal(Array(19).fill("INVALID_CODE"));
  });

  it("takes each of the ten recovery codes, and counts what is left", async () => {
    const anna = await enrolled(here);
    for (const [at, code] of anna.recoveryCodes.entries()) {
      const { recovery_codes_left } = await recover(there, await challengeOf(here, anna), code);
      expect(recovery_codes_left).to.equal(9 - at);
    }
  });

  it("looks at five wrong codes for a challenge, of twenty at once", async () => {
    const anna = await enrolled(here);
    const challenge = await challengeOf(here, anna);
    const { reasons } = await outcomes(upTo(20).map(() => recover(here, challenge, "AAAAA-AAAAA")));
    expect(reasons.filter((reason) => reason === "INVALID_CODE")).to.have.length(5);
    expect(reasons.filter((reason) => reason === "INVALID_MFA_CHALLENGE")).to.have.length(15);
    expect(await reasonOf(complete(here, challenge, anna.next))).to.equal("INVALID_MFA_CHALLENGE");
  });

  it("makes codes of an account wait longer with each wrong one, up to a quarter of an hour, until a right one", async () => {
    const anna = await enrolled(here);
    let challenge = "";
    for (const number of upTo(12)) {
      if (number % 4 === 1) challenge = await challengeOf(here, anna);
      expect(await reasonOf(complete(here, challenge, wrongCode)), `code ${number}`).to.equal("INVALID_CODE");
      const [row] = await here.sql<{ wait: number }>(
        `select coalesce(round(extract(epoch from retry_at - now())), 0)::int as wait from totp_factors where user_id = $1`,
        [anna.id],
      );
      const due = number <= 5 ? 0 : Math.min(900, 15 * 2 ** (number - 6));
      expect(row!.wait, `after ${number}`).to.be.within(due - 3, due);
      if (due === 0) continue;
      const refused = await refusal(complete(there, challenge, anna.next));
      expect(refused.reason).to.equal("RATE_LIMITED");
      expect(refused.more.retryAfterSeconds).to.be.within(1, due);
      await waitOver(anna);
    }
    await complete(here, await challengeOf(here, anna), anna.next);
    expect(await here.sql("select failures, retry_at from totp_factors where user_id = $1", [anna.id])).to.deep.equal([
      { failures: 0, retry_at: undefined },
    ]);
  });

  it("counts no try of a challenge while codes wait", async () => {
    const anna = await enrolled(here);
    await here.sql("update totp_factors set failures = 9, retry_at = now() + interval '1 hour' where user_id = $1", [
      anna.id,
    ]);
    const challenge = await challengeOf(here, anna);
    for (const _ of upTo(9)) expect(await reasonOf(complete(here, challenge, anna.next))).to.equal("RATE_LIMITED");
    await recover(here, challenge, anna.recoveryCodes[0]!);
  });

  it("has five minutes, after which the challenge is swept", async () => {
    const anna = await enrolled(here);
    const challenge = await challengeOf(here, anna);
    const rows = await here.sql<{ seconds: number }>(
      "select round(extract(epoch from expires_at - now()))::int as seconds from login_challenges where user_id = $1",
      [anna.id],
    );
    expect(rows[0]!.seconds).to.be.within(290, 300);
    await here.sql("update login_challenges set expires_at = now() - interval '1 second' where user_id = $1", [
      anna.id,
    ]);
    expect(await reasonOf(complete(here, challenge, anna.next))).to.equal("INVALID_MFA_CHALLENGE");
    await sweepChallenges.run(here.database, new AbortController().signal);
    expect(await here.sql("select from login_challenges where user_id = $1", [anna.id])).to.deep.equal([]);
  });

  it("is over with whatever ends the sessions", async () => {
    const anna = await enrolled(here);
    const challenge = await challengeOf(here, anna);
    const { revocations } = here.accounts;
    const done = await here.database.transaction((queries) => endSessionsOf(revocations, queries, anna.id));
    await done(here.database);
    expect(await reasonOf(complete(there, challenge, anna.next))).to.equal("INVALID_MFA_CHALLENGE");
  });

  it("leaves no session behind a reset or the end of the account at the same moment", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    const ends = [
      ({ id }: Enrolled) => here.secondFactor.resetTotp({ user_id: id }, admin.call),
      ({ call, password }: Enrolled) => here.auth.deleteMe({ password }, call),
    ];
    for (const end of [...ends, ...ends, ...ends]) {
      const anna = await enrolled(here);
      const challenges = await Promise.all(anna.recoveryCodes.map(() => challengeOf(there, anna)));
      const [, completed] = await Promise.all([
        end(anna),
        outcomes(challenges.map((challenge, at) => recover(at % 2 ? there : here, challenge, anna.recoveryCodes[at]!))),
      ]);
      for (const reason of completed.reasons) expect(reason).to.be.oneOf(["INVALID_MFA_CHALLENGE", "INVALID_CODE"]);
      const live = "select from sessions where user_id = $1 and revoked_at is null";
      expect(await here.sql(live, [anna.id])).to.deep.equal([]);
    }
  });

  it("does not come after a password that was changed while it was compared", async () => {
    const [anna, bert] = [await enrolled(here), await here.account()];
    for (const person of [anna, bert]) {
      const { passwords } = here.accounts;
      const slow = here.authWith({
        passwords: {
          ...passwords,
          async compare(...given) {
            const equal = await passwords.compare(...given);
            await here.sql(
              "update credentials set password_hash = $2, generation = generation + 1 where user_id = $1",
              [person.id, await passwords.hash("another password")],
            );
            return equal;
          },
        },
      });
      const { email, password } = person;
      expect(await reasonOf(slow.login({ email, password }, here.as()))).to.equal("INVALID_CREDENTIALS");
    }
    expect(await here.sql("select from login_challenges where user_id = $1", [anna.id])).to.deep.equal([]);
  });

  it("begins the session that the login has asked for, and is recorded without its secrets", async () => {
    const anna = await enrolled(here);
    const { email, password } = anna;
    const { mfa_challenge } = await here.auth.login({ email, password, device_name: "Anna's phone" }, here.as());
    await reasonOf(complete(there, mfa_challenge!, wrongCode));
    const { access_token, device_token } = await complete(there, mfa_challenge!, anna.next);
    expect(here.accounts.deviceTokens.read(device_token, email)).to.be.a("string");
    const caller = await there.accounts.authenticate(`Bearer ${access_token}`);
    expect(await here.sql("select device_name from sessions where id = $1", [caller.sessionId])).to.deep.equal([
      { device_name: "Anna's phone" },
    ]);
    const events = await here.sql<{ action: string; outcome: string }>(
      "select action, outcome from audit_events where actor_id = $1 order by id",
      [anna.id],
    );
    expect(events.map(({ action, outcome }) => `${action} ${outcome}`)).to.deep.equal([
      "account.create AUDIT_OUTCOME_SUCCESS",
      "session.begin_with_password AUDIT_OUTCOME_SUCCESS",
      "second_factor.begin AUDIT_OUTCOME_SUCCESS",
      "second_factor.enable AUDIT_OUTCOME_SUCCESS",
      "session.second_step AUDIT_OUTCOME_FAILURE",
      "session.begin_with_password_and_code AUDIT_OUTCOME_SUCCESS",
    ]);
    const secrets = [anna.next, mfa_challenge!, anna.secret, ...anna.recoveryCodes].map((secret) => `%${secret}%`);
    for (const table of ["audit_events", "totp_factors", "recovery_codes", "login_challenges", "sessions"])
      expect(await here.sql(`select from ${table} t where concat(t) like any ($1)`, [secrets]), table).to.deep.equal(
        [],
      );
  });

  it("takes no code where the row holds the secret of somebody else", async () => {
    const anna = await enrolled(here);
    await here.sql(
      "update totp_factors set secret = (select secret from totp_factors where user_id = $2) where user_id = $1",
      [anna.id, (await enrolled(here)).id],
    );
    const challenge = await challengeOf(here, anna);
    expect(await reasonOf(complete(here, challenge, totp(anna.secret, 1)))).to.equal("INVALID_CODE");
  });
});
