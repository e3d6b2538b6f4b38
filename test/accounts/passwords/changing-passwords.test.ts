import { getRounds, hashSync } from "bcryptjs";
import { expect } from "chai";
import { renewHash, replacePassword } from "../../../src/accounts/store.js";
import { createPasswords } from "../../../src/accounts/passwords/passwords.js";
import { operatorResetLink } from "../../../src/accounts/passwords/reset-links.js";
import { OperatorError } from "../../../src/platform/operator-error.js";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { upTo } from "../../support/numbers.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";

const next = "another horse";

/** What others wait for until it is opened. */
function gate(): { readonly isOpen: Promise<void>; open(): void } {
  let open = (): void => {};
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  return { isOpen, open: () => open() };
}

describe("changing a password", () => {
  let here: School;
  let account: Account;

  before(async () => {
    here = await openSchool();
  });
  beforeEach(async () => {
    account = await here.account();
  });
  after(() => here.close());

  const login = (password: string, email = account.email) => here.auth.login({ email, password }, here.as());
  const tokenOf = async (): Promise<string> => {
    await here.passwords.requestPasswordReset({ email: account.email }, here.as());
    return here.mailbox.token(account.email, "reset-password");
  };
  const acts = async (id: number): Promise<string[]> => {
    const rows = await here.sql<{ act: string }>(
      "select action || ' ' || outcome as act from audit_events where target_type = 'user' and target_id = $1::text order by id",
      [String(id)],
    );
    return rows.map(({ act }) => act);
  };

  it("keeps this session, ends the others, tells the person, and is recorded", async () => {
    const other = await login(account.password);
    await here.passwords.changePassword({ current_password: account.password, new_password: next }, account.call);
    expect(await here.isLetIn(account)).to.equal(true);
    expect(await here.isLetIn({ tokens: other as never })).to.equal(false);
    expect(await reasonOf(here.auth.refresh({ refresh_token: other.refresh_token! }, here.as()))).to.equal(
      "INVALID_REFRESH_TOKEN",
    );
    expect(await reasonOf(login(account.password))).to.equal("INVALID_CREDENTIALS");
    await login(next);
    const { to, text } = await here.mailbox.take(account.email, "was changed");
    expect(to.name).to.equal("Мария Иванова");
    expect(text).to.not.contain(next);
    expect(await acts(account.id)).to.include("password.change AUDIT_OUTCOME_SUCCESS");
  });

  it("needs the password of now; a wrong one is recorded as a failure", async () => {
    const wrong = { current_password: "wrong horse", new_password: next };
    expect(await reasonOf(here.passwords.changePassword(wrong, account.call))).to.equal("INVALID_CREDENTIALS");
    expect(await acts(account.id)).to.deep.equal([
      "account.create AUDIT_OUTCOME_SUCCESS",
      "password.change AUDIT_OUTCOME_FAILURE",
    ]);
    await login(account.password);
  });

  it("is done once by twenty at the same time, which know the same password", async () => {
    const all = upTo(20).map((turn) =>
      here.passwords.changePassword(
        { current_password: account.password, new_password: `${next} ${turn}` },
        account.call,
      ),
    );
    const { answers, reasons } = await outcomes(all);
    expect([answers.length, new Set(reasons)]).to.deep.equal([1, new Set(["INVALID_CREDENTIALS"])]);
  });

  it("lets no session begin with the password before, even when that was compared first", async () => {
    // A login that has compared the password: the change commits before its session is inserted.
    const [compared, changed] = [gate(), gate()];
    const { passwords } = here.accounts;
    const slow = here.authWith({
      passwords: {
        ...passwords,
        compare: async (...words) => {
          const comparison = await passwords.compare(...words);
          compared.open();
          await changed.isOpen;
          return comparison;
        },
      },
    });
    const late = reasonOf(slow.login({ email: account.email, password: account.password }, here.as()));
    await compared.isOpen;
    await here.passwords.changePassword({ current_password: account.password, new_password: next }, account.call);
    changed.open();
    expect(await late).to.equal("INVALID_CREDENTIALS");
  });

  it("waits for a session that begins, and ends it", async () => {
    // The session's transaction is open while the password is replaced: the lock of the change waits for it.
    const racing = upTo(10).map(() => login(account.password).catch(() => undefined));
    await here.passwords.changePassword({ current_password: account.password, new_password: next }, account.call);
    const tokens = (await Promise.all(racing)).filter((each) => each !== undefined);
    for (const each of tokens) expect(await here.isLetIn({ tokens: each as never })).to.equal(false);
    const live = await here.sql("select from sessions where user_id = $1 and revoked_at is null", [account.id]);
    expect(live).to.have.length(1);
  });

  it("by a link ends all sessions, works once for twenty at the same time, and tells the person", async () => {
    const token = await tokenOf();
    const uses = upTo(20).map((turn) =>
      here.passwords.resetPassword({ token, new_password: `${next} ${turn}` }, here.as()),
    );
    const { answers, reasons } = await outcomes(uses);
    expect([answers.length, new Set(reasons)]).to.deep.equal([1, new Set(["LINK_NOT_VALID"])]);
    expect(await here.isLetIn(account)).to.equal(false);
    expect(await reasonOf(login(account.password))).to.equal("INVALID_CREDENTIALS");
    await here.mailbox.take(account.email, "was changed");
    expect(await acts(account.id)).to.deep.equal([
      "account.create AUDIT_OUTCOME_SUCCESS",
      "password.request_reset AUDIT_OUTCOME_SUCCESS",
      "password.reset AUDIT_OUTCOME_SUCCESS",
    ]);
  });

  it("by a link is refused after twenty minutes, after another link, and for what is no link", async () => {
    const first = await tokenOf();
    const second = await tokenOf();
    const use = (token: string) => here.passwords.resetPassword({ token, new_password: next }, here.as());
    for (const token of [first, "nonsense", "", `${second}x`, second.toUpperCase()])
      expect(await reasonOf(use(token)), token).to.equal("LINK_NOT_VALID");
    await here.sql("update one_time_links set expires_at = expires_at - interval '20 minutes' where user_id = $1", [
      account.id,
    ]);
    expect(await reasonOf(use(second))).to.equal("LINK_NOT_VALID");
    await login(account.password);
  });

  it("by a link is refused when the password was changed, or the account has ended", async () => {
    const token = await tokenOf();
    await here.passwords.changePassword({ current_password: account.password, new_password: next }, account.call);
    const use = (used: string) =>
      here.passwords.resetPassword({ token: used, new_password: "a third horse" }, here.as());
    expect(await reasonOf(use(token))).to.equal("LINK_NOT_VALID");
    const again = await tokenOf();
    await here.auth.deleteMe({ password: next }, account.call);
    expect(await reasonOf(use(again))).to.equal("LINK_NOT_VALID");
    expect(await reasonOf(login(next))).to.equal("INVALID_CREDENTIALS");
  });

  it("leaves one link of those that are made at the same time", async () => {
    await Promise.all(upTo(5).map(() => here.passwords.requestPasswordReset({ email: account.email }, here.as())));
    const tokens = [];
    for (const _ of upTo(5)) tokens.push(await here.mailbox.token(account.email, "reset-password"));
    expect(await here.sql("select from one_time_links where user_id = $1", [account.id])).to.have.length(1);
    const uses = await outcomes(
      tokens.map((token) => here.passwords.resetPassword({ token, new_password: next }, here.as())),
    );
    expect(uses.answers).to.have.length(1);
  });

  it("mails five links an hour to an account, and answers the same to everybody", async () => {
    const ask = (email: string) => here.passwords.requestPasswordReset({ email }, here.as());
    for (const _ of upTo(8)) expect(await ask(account.email.toUpperCase())).to.deep.equal({});
    expect(await ask("nobody@example.org")).to.deep.equal({});
    expect(await ask("not an address")).to.deep.equal({});
    for (const _ of upTo(5)) await here.mailbox.token(account.email, "reset-password");
    await here.accounts.background.close();
    expect(here.mails.filter(({ to }) => to.address === account.email)).to.have.length(5);
    expect(here.mails.filter(({ to }) => to.address.includes("nobody"))).to.be.empty;
  });

  it("makes and ends no link by mail where mail is off", async () => {
    const token = await tokenOf();
    here.mailbox.isOn = false;
    await here.passwords.requestPasswordReset({ email: account.email }, here.as());
    here.mailbox.isOn = true;
    await here.accounts.background.close();
    await here.passwords.resetPassword({ token, new_password: next }, here.as());
    await login(next);
  });

  it("by a link of a super admin, which a request for a mail does not end", async () => {
    const admin = await here.account("ROLE_SUPER_ADMIN");
    const mailed = await tokenOf();
    const before = Date.now();
    const { reset_url, expires_at } = await here.passwords.createPasswordResetLink({ user_id: account.id }, admin.call);
    expect(Date.parse(expires_at) - before).to.be.within(20 * 60_000 - 5_000, 20 * 60_000 + 60_000);
    expect(await reasonOf(here.passwords.resetPassword({ token: mailed, new_password: next }, here.as()))).to.equal(
      "LINK_NOT_VALID",
    );
    await tokenOf();
    const { text } = await here.mailbox.take(account.email, "super admin");
    expect(text).to.not.contain("#token");
    const token = /^http:\/\/localhost:8080\/reset-password#token=([\w-]+)$/.exec(reset_url)![1]!;
    await here.passwords.resetPassword({ token, new_password: next }, here.as());
    await login(next);
    expect(await acts(account.id)).to.include("password.create_reset_link AUDIT_OUTCOME_SUCCESS");
    expect(await reasonOf(here.passwords.createPasswordResetLink({ user_id: 999_999_999 }, admin.call))).to.equal(
      "USER_NOT_FOUND",
    );
  });

  it("by a link of the operator, for an account that there is", async () => {
    const { url } = await operatorResetLink(here.database, ` ${account.email.toUpperCase()}`, "https://school.example");
    expect(url).to.match(/^https:\/\/school\.example\/reset-password#token=[\w-]{43}$/);
    await here.passwords.resetPassword({ token: url.split("=")[1]!, new_password: next }, here.as());
    await login(next);
    const [row] = await here.sql<{ means: string }>(
      "select means from audit_events where action = 'password.create_reset_link' and target_id = $1::text",
      [String(account.id)],
    );
    expect(row).to.deep.equal({ means: "AUDIT_MEANS_OPERATOR" });
    try {
      await operatorResetLink(here.database, "nobody@example.org", "https://school.example");
      expect.fail("It was made");
    } catch (error) {
      expect(error).to.be.instanceOf(OperatorError);
    }
  });

  for (const [what, before] of [
    ["of a lower cost", (text: string) => hashSync(text.normalize("NFKC"), 4)],
    ["of an older spelling", (text: string) => hashSync(text.normalize("NFC"), 5)],
    ["as it was typed before", (text: string) => hashSync(text, 5)],
  ] as const)
    it(`is not what logins do that renew a hash ${what}: they all begin sessions, which stay`, async () => {
      const typed = "пароль йод ﬁ ５".normalize("NFD");
      const stored = async (): Promise<string> => {
        const rows = await here.sql<{ hash: string }>(
          "select password_hash as hash from credentials where user_id = $1",
          [account.id],
        );
        return rows[0]!.hash;
      };
      const old = before(typed);
      await here.sql("update credentials set password_hash = $2 where user_id = $1", [account.id, old]);
      const raised = createPasswords({ cost: 5, threads: 1 });
      const auth = here.authWith({ passwords: raised });
      const logins = await Promise.all(
        upTo(3).map(() => auth.login({ email: account.email, password: typed }, here.as())),
      );
      await here.accounts.background.close();
      const renewed = await stored();
      expect(getRounds(renewed)).to.equal(5);
      expect(await raised.compare(typed.normalize("NFKC"), renewed)).to.deep.equal({
        matches: true,
        isOutdated: false,
      });
      for (const tokens of logins) expect(await here.isLetIn({ tokens: tokens as never })).to.equal(true);
      // One of today is not renewed.
      await auth.login({ email: account.email, password: typed }, here.as());
      await here.accounts.background.close();
      expect(await stored()).to.equal(renewed);
      await raised.close();
    });

  it("and a renewal at the same time leave the new password", async () => {
    const [before] = await here.sql<{ password_hash: string }>(
      "select password_hash from credentials where user_id = $1",
      [account.id],
    );
    const hash = hashSync(next, 4);
    await here.database.transaction((queries) => replacePassword(queries, account.id, hash));
    await renewHash(here.database, account.id, before!.password_hash, hashSync(account.password, 4));
    await login(next);
  });
});
