import { getRounds } from "bcryptjs";
import { expect } from "chai";
import { authHandlers } from "../../src/accounts/handlers.js";
import type { Passwords } from "../../src/accounts/passwords.js";
import type { Caller } from "../../src/call.js";
import type { Tokens } from "../../src/gen/lyceum/v1/auth.js";
import { testDatabase } from "../support/database.js";
import { open, type Opened, somebody, twentyTimes } from "./opened.js";
import { refusal } from "./refusal.js";

describe("the handlers of accounts", () => {
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

  /** Registers somebody and logs them in. */
  async function loggedIn(): Promise<{ email: string; password: string; id: number; tokens: Tokens }> {
    const person = somebody();
    const { id } = await here.auth.register(person, here.call());
    return { ...person, id, tokens: await here.auth.login(person, here.call()) };
  }
  const refresh = (refresh_token: string): Promise<Tokens> => here.auth.refresh({ refresh_token }, here.call());
  const whoIs = async ({ access_token }: Tokens): Promise<Caller> =>
    here.accounts.authenticate(`Bearer ${access_token}`);

  describe("register", () => {
    it("answers with the person, a student, e-mail address in lower case", async () => {
      const person = somebody();
      const user = await here.auth.register({ ...person, email: person.email.toUpperCase() }, here.call());
      expect(user).to.include({
        email: person.email,
        first_name: "Мария",
        last_name: "Иванова",
        role: "ROLE_STUDENT",
        version: 1,
      });
      expect(user.created_at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it("keeps a bcrypt hash, and the password nowhere", async () => {
      const person = { ...somebody(), password: "найди меня" };
      const { id } = await here.auth.register(person, here.call());
      const [row] = await here.sql<{ password_hash: string }>(
        "select password_hash from credentials where user_id = $1",
        id,
      );
      expect(getRounds(row!.password_hash)).to.equal(4);
      expect(await here.sql("select from users u, credentials c where concat(u, c) like $1", "%найди меня%")).to.be
        .empty;
    });

    it("refuses an address that somebody has, in whatever case", async () => {
      const person = somebody();
      await here.auth.register(person, here.call());
      const error = await refusal(here.auth.register({ ...person, email: person.email.toUpperCase() }, here.call()));
      expect(error.reason).to.equal("EMAIL_TAKEN");
    });

    it("makes one account when twenty ask for the same address at once", async () => {
      const person = somebody();
      const outcomes = await twentyTimes(() => here.auth.register(person, here.call()));
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused).to.have.length(19);
      for (const { reason } of refused) expect(reason).to.include({ reason: "EMAIL_TAKEN" });
      const found = await here.sql(
        "select from users u join credentials c on c.user_id = u.id where u.email = $1",
        person.email,
      );
      expect(found).to.have.length(1);
    });

    it("is refused where registration is closed", async () => {
      const { register } = authHandlers({ ...here.accounts, registration: "closed" });
      expect((await refusal(register(somebody(), here.call()))).reason).to.equal("REGISTRATION_CLOSED");
    });
  });

  describe("login", () => {
    it("answers with tokens that speak for the person", async () => {
      const { id, tokens } = await loggedIn();
      expect(tokens).to.include({ token_type: "bearer", expires_in: 600 });
      expect(await whoIs(tokens)).to.include({ id, role: "ROLE_STUDENT" });
    });

    it("takes the address in whatever case, with blanks around it", async () => {
      const { email, password } = await loggedIn();
      await here.auth.login({ email: `  ${email.toUpperCase()} `, password }, here.call());
    });

    it("answers a wrong password and an unknown address alike, with a challenge", async () => {
      const { email, password } = await loggedIn();
      const wrong = await refusal(here.auth.login({ email, password: `${password}!` }, here.call()));
      const unknown = await refusal(here.auth.login({ email: "nobody@example.org", password }, here.call()));
      expect(wrong.reason).to.equal("INVALID_CREDENTIALS");
      expect(wrong.more.headers).to.deep.equal({ "WWW-Authenticate": 'Bearer realm="lyceum"' });
      expect([unknown.reason, unknown.detail, unknown.more]).to.deep.equal([wrong.reason, wrong.detail, wrong.more]);
    });

    it("asks the hasher once in each case, so that the time does not tell who has an account", async () => {
      const { email } = await loggedIn();
      const asked: (string | undefined)[] = [];
      const passwords: Passwords = {
        ...here.accounts.passwords,
        matches(password, hash) {
          asked.push(hash);
          return here.accounts.passwords.matches(password, hash);
        },
      };
      const { login } = authHandlers({ ...here.accounts, passwords });
      for (const attempt of [
        { email, password: "wrong horse" },
        { email: "nobody@example.org", password: "wrong horse" },
        { email, password: "x".repeat(73) },
      ])
        await refusal(login(attempt, here.call()));
      expect(asked.map((hash) => typeof hash)).to.deep.equal(["string", "undefined", "string"]);
    });

    it("does not take a longer password for the 72 bytes it begins with", async () => {
      const person = { ...somebody(), password: "п".repeat(36) };
      await here.auth.register(person, here.call());
      await here.auth.login(person, here.call());
      const longer = { ...person, password: `${person.password}!` };
      expect((await refusal(here.auth.login(longer, here.call()))).reason).to.equal("INVALID_CREDENTIALS");
    });

    it("begins a session each time, and sweeps the person's dead ones away", async () => {
      const { id, email, password, tokens } = await loggedIn();
      await here.auth.login({ email, password }, here.call());
      const { sessionId } = await whoIs(tokens);
      await here.sql("update sessions set expires_at = now() - interval '1 second' where id = $1", sessionId);
      await here.auth.login({ email, password }, here.call());
      const left = await here.sql<{ id: string }>("select id from sessions where user_id = $1", id);
      expect(left).to.have.length(2);
      expect(left.map((session) => session.id)).not.to.include(sessionId);
    });
  });

  describe("refresh", () => {
    it("trades a token for new ones of the same session", async () => {
      const { tokens } = await loggedIn();
      const next = await refresh(tokens.refresh_token);
      expect(next.refresh_token).not.to.equal(tokens.refresh_token);
      expect(next.access_token).not.to.equal(tokens.access_token);
      expect(await whoIs(next)).to.deep.equal(await whoIs(tokens));
    });

    it("answers twenty at once with one and the same child", async () => {
      const { tokens } = await loggedIn();
      const outcomes = await twentyTimes(() => refresh(tokens.refresh_token));
      const children = new Set(
        outcomes.map((outcome) => outcome.status === "fulfilled" && outcome.value.refresh_token),
      );
      expect(children.size).to.equal(1);
      expect([...children][0])
        .to.be.a("string")
        .and.not.equal(tokens.refresh_token);
      await refresh([...children][0] as string);
    });

    it("answers again with the same child while that is unused", async () => {
      const { tokens } = await loggedIn();
      const first = await refresh(tokens.refresh_token);
      const again = await refresh(tokens.refresh_token);
      expect(again.refresh_token).to.equal(first.refresh_token);
    });

    it("ends the session when the child was used before the parent came again", async () => {
      const { tokens } = await loggedIn();
      const child = await refresh(tokens.refresh_token);
      const grandchild = await refresh(child.refresh_token);
      const error = await refusal(refresh(tokens.refresh_token));
      expect(error.reason).to.equal("INVALID_REFRESH_TOKEN");
      expect(error.more.headers).to.deep.equal({ "WWW-Authenticate": 'Bearer realm="lyceum"' });
      expect((await refusal(refresh(grandchild.refresh_token))).reason).to.equal("INVALID_REFRESH_TOKEN");
      for (const dead of [tokens, child, grandchild])
        expect((await refusal(whoIs(dead))).reason).to.equal("INVALID_TOKEN");
    });

    it("ends the session when a token comes again later than 30 seconds after its use", async () => {
      const { tokens } = await loggedIn();
      const { sessionId } = await whoIs(tokens);
      const child = await refresh(tokens.refresh_token);
      const age = (seconds: number) =>
        here.sql(
          "update sessions set rotated_at = now() - make_interval(secs => $2) where id = $1",
          sessionId,
          seconds,
        );
      await age(25);
      expect((await refresh(tokens.refresh_token)).refresh_token).to.equal(child.refresh_token);
      await age(31);
      expect((await refusal(refresh(tokens.refresh_token))).reason).to.equal("INVALID_REFRESH_TOKEN");
      expect((await refusal(refresh(child.refresh_token))).reason).to.equal("INVALID_REFRESH_TOKEN");
    });

    it("ends only the session whose token was used twice", async () => {
      const { email, password, tokens } = await loggedIn();
      const other = await here.auth.login({ email, password }, here.call());
      await refresh((await refresh(tokens.refresh_token)).refresh_token);
      await refusal(refresh(tokens.refresh_token));
      await whoIs(other);
      await refresh(other.refresh_token);
    });

    it("agrees on one end when a parent and its child race twenty times", async () => {
      const { tokens } = await loggedIn();
      const child = await refresh(tokens.refresh_token);
      let turn = 0;
      const outcomes = await twentyTimes(() => refresh((turn++ % 2 ? tokens : child).refresh_token));
      for (const outcome of outcomes)
        if (outcome.status === "rejected") expect(outcome.reason).to.include({ reason: "INVALID_REFRESH_TOKEN" });
      // However they were ordered, the parent came after the child's use at last, and that has ended the session.
      await refusal(refresh(tokens.refresh_token));
      expect((await refusal(whoIs(tokens))).reason).to.equal("INVALID_TOKEN");
    });

    it("refuses a token that has expired, and one that is not ours, and ends nothing for it", async () => {
      const { tokens } = await loggedIn();
      const { sessionId } = await whoIs(tokens);
      for (const token of ["x", "A".repeat(72), tokens.access_token, `${tokens.refresh_token} `])
        expect((await refusal(refresh(token))).reason).to.equal("INVALID_REFRESH_TOKEN");
      await here.sql("update sessions set expires_at = now() - interval '1 second' where id = $1", sessionId);
      expect((await refusal(refresh(tokens.refresh_token))).reason).to.equal("INVALID_REFRESH_TOKEN");
      await whoIs(tokens);
    });

    it("brings a changed role into the access token", async () => {
      const { id, tokens } = await loggedIn();
      await here.sql("update users set role = 'ROLE_TEACHER' where id = $1", id);
      expect(await whoIs(tokens)).to.include({ role: "ROLE_STUDENT" });
      expect(await whoIs(await refresh(tokens.refresh_token))).to.include({ role: "ROLE_TEACHER" });
    });

    it("keeps nothing in the database that a token or its MAC could be read from", async () => {
      const { tokens } = await loggedIn();
      const rows = JSON.stringify(await here.sql("select to_jsonb(s) as session from sessions s"));
      const mac = Buffer.from(tokens.refresh_token, "base64url").subarray(22);
      for (const form of [tokens.refresh_token, mac.toString("base64url"), mac.toString("hex"), mac.toString("base64")])
        expect(rows).not.to.include(form);
    });
  });

  describe("logout", () => {
    it("ends both tokens before it answers", async () => {
      const { tokens } = await loggedIn();
      const caller = await whoIs(tokens);
      expect(await here.auth.logout({}, here.call(caller))).to.deep.equal({});
      expect((await refusal(whoIs(tokens))).reason).to.equal("INVALID_TOKEN");
      expect((await refusal(refresh(tokens.refresh_token))).reason).to.equal("INVALID_REFRESH_TOKEN");
    });

    it("leaves the person's other sessions alone, and may be asked for twice", async () => {
      const { email, password, tokens } = await loggedIn();
      const other = await here.auth.login({ email, password }, here.call());
      const caller = await whoIs(tokens);
      await here.auth.logout({}, here.call(caller));
      await here.auth.logout({}, here.call(caller));
      await whoIs(other);
      await refresh(other.refresh_token);
    });
  });

  describe("get me", () => {
    it("says who is calling, e-mail address included", async () => {
      const { id, email, tokens } = await loggedIn();
      expect(await here.auth.getMe({}, here.call(await whoIs(tokens)))).to.include({ id, email });
    });

    it("refuses a token that has outlived its account", async () => {
      const { id, tokens } = await loggedIn();
      await here.sql("delete from users where id = $1", id);
      expect((await refusal(here.auth.getMe({}, here.call(await whoIs(tokens))))).reason).to.equal("INVALID_TOKEN");
    });
  });
});
