// Banners: that the school is told of each change once, also of those that time makes.
import { expect } from "chai";
import { tellOfBanners } from "../../src/banners/steps.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { upTo } from "../support/numbers.js";

describe("banners", function () {
  this.timeout(30_000);
  let school: School;
  let teacher: Account;

  before(async () => {
    school = await openSchool();
    teacher = await school.account("ROLE_TEACHER");
  });
  after(() => school.close());

  const handlers = () => school.services["lyceum.v1.BannerService"];
  const told = async (id: number): Promise<number> =>
    (
      await school.sql("select from updates where topic = 'school' and kind = 'banner.changed' and subject_id = $1", [
        id,
      ])
    ).length;
  const tell = () => tellOfBanners.run(school.database, new AbortController().signal);
  const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();

  it("are told to the school when they are made, changed and deleted, and not when nothing changes", async () => {
    const { id } = await handlers().createBanner(
      { level: "BANNER_LEVEL_INFO", text: "Hello", active_from: undefined, active_until: undefined },
      teacher.call,
    );
    expect(await told(id)).equal(1);
    const same = { banner_id: id, text: "Hello", active_from: undefined, active_until: undefined };
    await handlers().updateBanner(same, teacher.call);
    expect(await told(id)).equal(1);
    await handlers().updateBanner({ ...same, text: "Hi" }, teacher.call);
    await handlers().deleteBanner({ banner_id: id }, teacher.call);
    expect(await told(id)).equal(3);
    const acts = await school.sql("select action from audit_events where target_type = 'banner' order by id");
    expect(acts).deep.equal(["create", "update", "delete"].map((act) => ({ action: `banner.${act}` })));
  });

  it("are told once of twenty processes when their time comes, and once when it goes", async () => {
    const { id } = await handlers().createBanner(
      { level: "BANNER_LEVEL_INFO", text: "Soon", active_from: inFuture(3_600_000), active_until: inFuture(7_200_000) },
      teacher.call,
    );
    const shown = async () =>
      (await handlers().listActiveBanners({}, school.as())).banners.some((banner) => banner.id === id);
    await tell();
    expect([await told(id), await shown()]).deep.equal([1, false]);
    await school.sql("update banners set active_from = now() where id = $1", [id]);
    await Promise.all(upTo(20).map(tell));
    expect([await told(id), await shown()]).deep.equal([2, true]);
    await school.sql("update banners set active_from = now() - interval '2 s', active_until = now() where id = $1", [
      id,
    ]);
    await Promise.all(upTo(20).map(tell));
    await tell();
    expect([await told(id), await shown()]).deep.equal([3, false]);
  });
});
