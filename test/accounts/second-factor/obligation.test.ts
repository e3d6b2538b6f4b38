import { expect } from "chai";
import { totp } from "../../../runner/cases/computed/totp.js";
import { createMfaPolicy } from "../../../src/accounts/second-factor/obligation.js";
import { resetByOperator } from "../../../src/accounts/second-factor/reset.js";
import type { Tokens } from "../../../src/gen/lyceum/v1/auth.js";
import type { Role } from "../../../src/gen/lyceum/v1/user.js";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";
import { enrolled } from "./support.js";

const day = 24 * 3_600_000;

describe("a role that needs a second factor", function () {
  this.timeout(60_000);
  let here: School;
  const mfaPolicy = createMfaPolicy(["ROLE_TEACHER"], 14);

  before(async () => {
    here = await openSchool();
  });
  after(() => here.close());

  const auth = () => here.authWith({ mfaPolicy });
  const factor = () => here.secondFactorWith({ mfaPolicy });
  const login = ({ email, password }: Account): Promise<Tokens> => auth().login({ email, password }, here.as());
  const callerOf = ({ access_token }: Tokens) => here.accounts.authenticate(`Bearer ${access_token}`);
  const mustEnrol = async (tokens: Tokens): Promise<boolean> => (await callerOf(tokens)).mustEnrol === true;
  const dueOf = async (tokens: Tokens): Promise<number> =>
    Date.parse((await factor().getTotp({}, here.as(await callerOf(tokens)))).due_at ?? "");
  /** Moves the beginning of the days, and the change of role before it, into the past. */
  const daysAgo = async ({ id }: Account, days: number): Promise<void> => {
    await here.sql("update users set role_changed_at = now() - make_interval(days => $2) where id = $1", [id, days]);
    await here.sql("update mfa_obligations set began_at = now() - make_interval(days => $2) where user_id = $1", [
      id,
      days,
    ]);
  };
  const become = ({ id }: Account, role: Role) => here.sql("update users set role = $2 where id = $1", [id, role]);

  it("gives tokens that are good for setting it up, and full ones from then on", async () => {
    const anna = await here.account("ROLE_TEACHER");
    const tokens = await login(anna);
    expect(await mustEnrol(tokens)).to.equal(true);
    const { refresh_token = "" } = tokens;
    const again = await auth().refresh({ refresh_token }, here.as());
    expect(await mustEnrol(again)).to.equal(true);

    const call = here.as(await callerOf(again));
    const { secret } = await factor().beginTotp({ password: anna.password }, call);
    const confirmed = await factor().confirmTotp({ code: totp(secret) }, call);
    expect(await callerOf(confirmed)).to.include({ id: anna.id, sessionId: call.user.sessionId });
    expect(await mustEnrol(confirmed)).to.equal(false);
    const later = await auth().refresh({ refresh_token: again.refresh_token! }, here.as());
    expect(await mustEnrol(later)).to.equal(false);
    expect(await here.sql("select from mfa_obligations where user_id = $1", [anna.id])).to.deep.equal([]);
  });

  it("is no matter to others", async () => {
    for (const role of ["ROLE_STUDENT", "ROLE_SUPER_ADMIN"] as const) {
      const bert = await here.account(role);
      expect(await mustEnrol(await login(bert))).to.equal(false);
      expect(await here.sql("select from mfa_obligations where user_id = $1", [bert.id])).to.deep.equal([]);
    }
  });

  it("gives the days from the first login on, however many logins there are, also at once", async () => {
    const anna = await here.account("ROLE_TEACHER");
    const { answers } = await outcomes([login(anna), login(anna), login(anna), login(anna)]);
    const [first = Number.NaN, ...others] = await Promise.all(answers.map(dueOf));
    expect(first - Date.now()).to.be.within(13.9 * day, 14 * day);
    expect(new Set(others)).to.deep.equal(new Set([first]));
    await daysAgo(anna, 13);
    expect((await dueOf(await login(anna))) - Date.now()).to.be.within(0.9 * day, day);
  });

  it("refuses logins and refreshes when the days are over, and uses no refresh token up", async () => {
    const anna = await here.account("ROLE_TEACHER");
    const { refresh_token = "" } = await login(anna);
    await daysAgo(anna, 15);
    expect(await reasonOf(login(anna))).to.equal("MFA_REQUIRED");
    const live = "select id from sessions where user_id = $1 and revoked_at is null";
    const before = await here.sql(live, [anna.id]);
    expect(await reasonOf(auth().refresh({ refresh_token }, here.as()))).to.equal("MFA_REQUIRED");
    // Nothing of the refused login is left, and the token is as it was.
    expect(await here.sql(live, [anna.id])).to.deep.equal(before);
    await daysAgo(anna, 1);
    await here.sql("update sessions set rotated_at = now() - interval '1 hour' where user_id = $1", [anna.id]);
    expect(await mustEnrol(await auth().refresh({ refresh_token }, here.as()))).to.equal(true);
  });

  it("gives new days after a reset by a super admin or by the operator, and to who has the role anew", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    const anna = await here.account("ROLE_TEACHER");
    const renewals = [
      () => factor().resetTotp({ user_id: anna.id }, admin.call),
      () => resetByOperator(here.database, anna.email.toUpperCase()),
      async () => {
        await become(anna, "ROLE_STUDENT");
        await become(anna, "ROLE_TEACHER");
      },
    ];
    for (const renew of renewals) {
      await login(anna);
      await daysAgo(anna, 15);
      expect(await reasonOf(login(anna))).to.equal("MFA_REQUIRED");
      await renew();
      expect((await dueOf(await login(anna))) - Date.now()).to.be.within(13.9 * day, 14 * day);
    }
  });

  it("keeps its second factor: it may be replaced, and not be removed", async () => {
    const anna = await enrolled(here, "ROLE_TEACHER");
    const { password, call } = anna;
    expect(await reasonOf(factor().disableTotp({ password }, call))).to.equal("MFA_REQUIRED");
    const { secret } = await factor().beginTotp({ password, recovery_code: anna.recoveryCodes[0] }, call);
    await factor().confirmTotp({ code: totp(secret) }, call);
    expect(await factor().getTotp({}, call)).to.include({ is_enabled: true, is_required: true, due_at: undefined });
  });
});

describe("the reset of a second factor", function () {
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

  it("ends the sessions of the person, on every process, and is recorded", async () => {
    const [anna, admin] = [await enrolled(here), await here.account("ROLE_SUPER_ADMIN")];
    await here.secondFactor.resetTotp({ user_id: anna.id }, admin.call);
    expect(await here.isLetIn(anna)).to.equal(false);
    for (let tries = 0; tries < 300 && (await there.isLetIn(anna)); tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await there.isLetIn(anna)).to.equal(false);
    expect(await here.isLetIn(admin)).to.equal(true);
    const { email, password } = anna;
    expect(await here.auth.login({ email, password }, here.as())).to.include({ token_type: "bearer" });
    const events = await here.sql(
      "select actor_id, means, target_id from audit_events where action = 'second_factor.reset'",
    );
    expect(events).to.deep.equal([{ actor_id: admin.id, means: "AUDIT_MEANS_BEARER", target_id: String(anna.id) }]);
  });
});
