// What happens at once to posts, votes, comments and reports, in two processes of one school.
import { expect } from "chai";
import { tellPostVotes } from "../../src/posts/votes/tell-votes.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { seeded, upTo } from "../support/numbers.js";
import { outcomes } from "../support/outcomes.js";
import { handlersOf, publish, updatesAbout, wrongCounts } from "./posts-of.js";

describe("posts, when much happens at once", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let there: School;
  let people: Account[];
  let teachers: Account[];

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    people = await Promise.all(upTo(20).map(() => school.account()));
    teachers = await Promise.all(upTo(4).map(() => school.account("ROLE_TEACHER")));
  });
  after(async () => {
    await there.close();
    await school.close();
  });

  const at = (place: number) => {
    const process = place % 2 ? school : there;
    return { ...handlersOf(process), as: ({ caller }: Account) => process.as(caller) };
  };
  const post = (author = teachers[0]!) => publish(school, author);
  const find = (post_id: number) => handlersOf(school).posts.getPost({ post_id }, teachers[0]!.call);
  const vote = (place: number, who: Account, post_id: number) =>
    at(place).posts.voteForPost({ post_id }, at(place).as(who));
  const takeBack = (place: number, who: Account, post_id: number) =>
    at(place).posts.takeBackPostVote({ post_id }, at(place).as(who));
  const comment = (place: number, who: Account, post_id: number, reply_to_id?: number) =>
    at(place).comments.createComment({ post_id, text: `words ${place}`, reply_to_id }, at(place).as(who));

  it("twenty who vote at once have twenty votes, and each of them one, however often they vote", async () => {
    const id = await post();
    const { answers, reasons } = await outcomes(
      people.flatMap((who, place) => [vote(place, who, id), vote(place + 1, who, id)]),
    );
    expect({ answers: answers.length, reasons }).to.deep.equal({ answers: 40, reasons: [] });
    expect(answers.map(({ vote_count }) => vote_count)).to.include(20);
    expect((await find(id)).vote_count).to.equal(20);
    expect(await wrongCounts(school)).to.deep.equal([]);
    await outcomes(people.flatMap((who, place) => [takeBack(place, who, id), takeBack(place + 1, who, id)]));
    expect((await find(id)).vote_count).to.equal(0);
    expect(await wrongCounts(school)).to.deep.equal([]);
  });

  it("votes that come and go in any order are counted as they are", async () => {
    const ids = await Promise.all(upTo(3).map(() => post()));
    const random = seeded(12);
    const { reasons } = await outcomes(
      upTo(200).map((place) => {
        const [who, id] = [people[random(20)]!, ids[random(3)]!];
        return random(10) < 6 ? vote(place, who, id) : takeBack(place, who, id);
      }),
    );
    expect(reasons).to.deep.equal([]);
    expect(await wrongCounts(school)).to.deep.equal([]);
  });

  it("votes are told of once for each post, and again after others have come", async () => {
    const id = await post();
    const tell = () =>
      Promise.all([school, there].map(({ database }) => tellPostVotes.run(database, new AbortController().signal)));
    await Promise.all(people.map((who, place) => vote(place, who, id)));
    await tell();
    expect(await updatesAbout(school, "post.votes", id)).to.deep.equal(["school post.votes"]);
    await tell();
    await vote(1, people[0]!, id);
    await tell();
    expect(await updatesAbout(school, "post.votes", id)).to.have.length(1);
    await takeBack(1, people[0]!, id);
    await tell();
    expect(await updatesAbout(school, "post.votes", id)).to.have.length(2);
  });

  it("comments, replies and removals at once are counted as they are", async () => {
    const id = await post();
    const roots = await Promise.all(people.slice(0, 5).map((who, place) => comment(place, who, id)));
    const replies = await Promise.all(people.map((who, place) => comment(place, who, id, roots[place % 5]!.id)));
    const remove = (place: number, { id: comment_id }: { id: number }) =>
      at(place).comments.deleteComment({ comment_id }, at(place).as(teachers[1 + (place % 3)]!));
    const all = await outcomes<unknown>([
      ...replies.slice(0, 8).flatMap((each, place) => [remove(place, each), remove(place + 1, each)]),
      ...roots.slice(0, 2).map((each, place) => remove(place, each)),
      ...people.map((who, place) => comment(place, who, id, replies[8 + (place % 12)]!.id)),
    ]);
    expect(new Set(all.reasons)).to.deep.equal(new Set(["COMMENT_NOT_FOUND"]));
    expect(all.reasons).to.have.length(8);
    expect(await wrongCounts(school)).to.deep.equal([]);
    expect((await find(id)).comment_count).to.equal(5 + 20 + 20 - 8 - 2);
  });

  it("one of twenty decides on a report, and the others are told who it was", async () => {
    const id = await post();
    const { posts, reports } = handlersOf(school);
    for (const who of people.slice(1, 4)) await reports.reportPost({ post_id: id, reason: "rude" }, who.call);
    const { reports: open } = await reports.listReports({ post_id: id }, teachers[1]!.call);
    expect(open).to.have.length(3);
    const { answers, reasons } = await outcomes(
      upTo(20).map((place) =>
        at(place).reports.resolveReport(
          { report_id: open[place % 3]!.id, decision: place % 2 ? "remove" : "dismiss" },
          at(place).as(teachers[1 + (place % 3)]!),
        ),
      ),
    );
    expect([answers.length, ...new Set(reasons)]).to.deep.equal([1, "REPORT_RESOLVED"]);
    const states = await school.sql<{ state: string; resolved_by_id: number }>(
      "select distinct state, resolved_by_id from post_reports where post_id = $1",
      [id],
    );
    expect(states).to.deep.equal([{ state: answers[0]!.state, resolved_by_id: answers[0]!.resolved_by_id }]);
    const isRemoved = answers[0]!.state === "REPORT_STATE_REMOVED";
    const { posts: left } = await posts.listPosts(
      { author_id: teachers[0]!.id, drafts: false, include: [] },
      people[1]!.call,
    );
    expect(left.some((each) => each.id === id)).to.equal(!isRemoved);
    expect(await updatesAbout(school, "report.resolved", open[0]!.id)).to.have.length(1);
    expect(await updatesAbout(school, "post.removed", id)).to.have.length(isRemoved ? 1 : 0);
  });

  it("twenty reports of one person are one", async () => {
    const id = await post();
    const { answers, reasons } = await outcomes(
      upTo(20).map((place) => at(place).reports.reportPost({ post_id: id, reason: "rude" }, at(place).as(people[1]!))),
    );
    expect([answers.length, reasons.length, ...new Set(reasons)]).to.deep.equal([1, 19, "ALREADY_REPORTED"]);
  });

  it("a post that twenty publish at once is published once", async () => {
    const draft = { title: "Draft", text: "words", is_for_all: true, group_ids: [], publish: false };
    const { id } = await handlersOf(school).posts.createPost(draft, teachers[0]!.call);
    const { answers } = await outcomes(
      upTo(20).map((place) => at(place).posts.publishPost({ post_id: id }, at(place).as(teachers[0]!))),
    );
    expect(new Set(answers.map(({ published_at, version }) => `${published_at} ${version}`)).size).to.equal(1);
    expect(await updatesAbout(school, "post.%", id)).to.deep.equal(["school post.published"]);
  });

  it("an edit of twenty with one version is one edit, and the former text is kept once", async () => {
    const id = await post();
    const edit = (place: number) =>
      at(place).posts.updatePost(
        { post_id: id, text: `words of ${place}`, group_ids: [] },
        (place % 2 ? school : there).as(teachers[0]!.caller, { ifMatch: [1] }),
      );
    const { answers, reasons } = await outcomes(upTo(20).map(edit));
    expect([answers.length, ...new Set(reasons)]).to.deep.equal([1, "PRECONDITION_FAILED"]);
    const { versions } = await handlersOf(school).posts.listPostVersions({ post_id: id }, people[0]!.call);
    expect(versions.map(({ number, text }) => ({ number, text }))).to.deep.equal([{ number: 1, text: "words" }]);
  });

  it("no vote is left of an account that ends while it votes, and no count is wrong", async () => {
    const ids = await Promise.all(upTo(6).map(() => post()));
    const leavers = await Promise.all(upTo(6).map(() => school.account()));
    for (const who of leavers) for (const id of ids.slice(0, 3)) await vote(1, who, id);
    const { reasons } = await outcomes<unknown>([
      ...leavers.flatMap((who) => [
        ...ids.map((id, place) => vote(place, who, id)),
        school.auth.deleteMe({ password: who.password }, who.call),
        ...ids.map((id, place) => takeBack(place, who, id)),
        ...ids.slice(0, 2).map((id, place) => comment(place, who, id)),
      ]),
      ...people.flatMap((who) => ids.map((id, place) => vote(place, who, id))),
    ]);
    expect(new Set(reasons)).to.not.include("INTERNAL");
    expect(await wrongCounts(school)).to.deep.equal([]);
    const left = await school.sql("select from post_votes where user_id = any($1::bigint[])", [
      leavers.map(({ id }) => id),
    ]);
    expect(left).to.have.length(0);
  });
});
