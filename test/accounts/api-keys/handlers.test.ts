import { expect } from "chai";
import { sweepKeys } from "../../../src/accounts/api-keys/ended-keys.js";
import { Scope } from "../../../src/gen/lyceum/v1/scope.js";
import { protoDirectory } from "../../../src/config.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { keywordsOf } from "../../../src/contract/validation/rules.js";
import { requireScopes } from "../../../src/policy/access.js";
import { type Account, openSchool, type School } from "../../support/call-as.js";
import { outcomes, reasonOf } from "../../support/outcomes.js";

describe("API keys", () => {
  let school: School;
  before(async () => {
    school = await openSchool();
  });
  after(() => school.close());

  const make = ({ call }: Pick<Account, "call">, expires_in_days?: number) =>
    school.apiKeys.createApiKey({ name: "Script", scopes: ["SCOPE_USERS_READ"], expires_in_days }, call);
  const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000;

  it("expire after 90 days, or when their owner says", async () => {
    const anna = await school.account();
    for (const [asked, due] of [
      [undefined, 90],
      [1, 1],
      [365, 365],
    ] as const) {
      const { created_at, expires_at } = await make(anna, asked);
      expect(days(created_at, expires_at)).to.be.closeTo(due, 0.05);
    }
  });

  it("of one person are twenty at most, when twenty are made at once by two processes beside fifteen", async () => {
    const anna = await school.account();
    for (let count = 0; count < 15; count++) await make(anna);
    const other = await openSchool(school.url);
    const { answers, reasons } = await outcomes(
      Array.from({ length: 20 }, (_, at) =>
        (at % 2 ? school : other).apiKeys.createApiKey({ name: "b", scopes: ["SCOPE_USERS_READ"] }, anna.call),
      ),
    );
    await other.close();
    expect(answers).to.have.length(5);
    expect(new Set(reasons)).to.deep.equal(new Set(["TOO_MANY_API_KEYS"]));
  });

  it("that have expired leave room for others", async () => {
    const anna = await school.account();
    for (let count = 0; count < 20; count++) await make(anna);
    expect(await reasonOf(make(anna))).to.equal("TOO_MANY_API_KEYS");
    await school.sql(
      "update api_keys set expires_at = now() where id = (select max(id) from api_keys where user_id = $1)",
      [anna.id],
    );
    await make(anna);
    expect(await reasonOf(make(anna))).to.equal("TOO_MANY_API_KEYS");
  });

  it("are in the record of what was done, when they are made and when they are revoked, once each", async () => {
    const anna = await school.account();
    const { id, secret } = await make(anna);
    for (let count = 0; count < 2; count++) await school.apiKeys.revokeApiKey({ api_key_id: id }, anna.call);
    const rows = await school.sql<Record<string, unknown>>(
      "select e.action, e.actor_id, e.means, e.outcome, e::text as whole from audit_events e where target_type = 'api_key' and target_id = $1 order by id",
      [String(id)],
    );
    expect(rows.map(({ action, actor_id, means, outcome }) => [action, actor_id, means, outcome])).to.deep.equal([
      ["api_key.create", anna.id, "AUDIT_MEANS_BEARER", "AUDIT_OUTCOME_SUCCESS"],
      ["api_key.revoke", anna.id, "AUDIT_MEANS_BEARER", "AUDIT_OUTCOME_SUCCESS"],
    ]);
    for (const { whole } of rows) expect(whole).not.to.contain(secret!.slice(12, 24));
  });

  it("are in the record as the means of what is done with them", async () => {
    const anna = await school.account();
    const { secret } = await make(anna);
    const caller = await school.accounts.knownKeys.callerOf(secret!);
    await school.apiKeys.createApiKey({ name: "b", scopes: ["SCOPE_USERS_READ"] }, school.as(caller));
    const rows = await school.sql<{ means: string }>(
      "select means from audit_events where actor_id = $1 and action = 'api_key.create' order by id",
      [anna.id],
    );
    expect(rows.map(({ means }) => means)).to.deep.equal(["AUDIT_MEANS_BEARER", "AUDIT_MEANS_API_KEY"]);
  });

  it("that ended 90 days ago are swept, and no others", async () => {
    const anna = await school.account();
    const ids: number[] = [];
    for (let count = 0; count < 5; count++) ids.push((await make(anna)).id);
    const [live, revoked, expired, longRevoked, longExpired] = ids;
    const set = (id: number, what: string) => school.sql(`update api_keys set ${what} where id = $1`, [id]);
    await set(revoked!, "revoked_at = now() - interval '89 days'");
    await set(expired!, "expires_at = now() - interval '89 days'");
    await set(longRevoked!, "revoked_at = now() - interval '91 days'");
    await set(longExpired!, "expires_at = now() - interval '91 days', revoked_at = now()");
    await sweepKeys.run(school.database, new AbortController().signal);
    const { api_keys } = await school.apiKeys.listApiKeys({}, anna.call);
    expect(api_keys.map(({ id }) => id)).to.deep.equal([expired, revoked, live]);
  });
});

describe("scopes", () => {
  const contract = loadContract(protoDirectory);
  const all = Object.keys(Scope).filter((scope) => !/_(UNSPECIFIED|NONE)$/.test(scope)) as Scope[];
  const byKey = (scopes: readonly Scope[]) =>
    ({ id: 7, role: "ROLE_SUPER_ADMIN", sessionId: "", means: "api_key", apiKeyId: 1, scopes }) as const;

  it("can all be given to a key, save that of methods which are for none", () => {
    const field = contract.root.lookupType("lyceum.v1.CreateApiKeyRequest").fields["scopes"]!;
    expect(keywordsOf(field).items["enum"]).to.deep.equal(all);
  });

  it("are declared by every method that asks for credentials, and by no other", () => {
    for (const { name, access, scopes } of contract.methods)
      expect(scopes.length > 0, name).to.equal(access !== "ACCESS_PUBLIC");
  });

  it("are each needed, whatever the role", async () => {
    const check = async (scopes: readonly Scope[], needed: readonly Scope[]) => requireScopes(byKey(scopes), needed);
    expect(await check(["SCOPE_CHATS_READ", "SCOPE_MESSAGES_READ"], ["SCOPE_MESSAGES_READ"])).to.have.property("id", 7);
    for (const [has, needed] of [
      [[], ["SCOPE_CHATS_READ"]],
      [["SCOPE_CHATS_READ"], ["SCOPE_CHATS_READ", "SCOPE_MESSAGES_READ"]],
      [["SCOPE_CHATS_WRITE"], ["SCOPE_CHATS_READ"]],
      [all, ["SCOPE_NONE"]],
      [["SCOPE_NONE"], ["SCOPE_NONE"]],
      [all, []],
    ] as const)
      expect(await reasonOf(check(has, needed)), `${has} for ${needed}`).to.equal("INSUFFICIENT_SCOPE");
  });

  it("say nothing of those who are logged in", () => {
    const caller = { id: 7, role: "ROLE_STUDENT", sessionId: "s", means: "bearer" } as const;
    for (const needed of [[], ["SCOPE_NONE"], ["SCOPE_CHATS_READ"]] as const)
      expect(requireScopes(caller, needed)).to.equal(caller);
  });
});
