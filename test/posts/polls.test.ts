// What happens at once in polls, in two processes of one school, and what is told of them.
import { expect } from "chai";
import { Client } from "pg";
import type { VoteInPollRequest } from "../../src/gen/lyceum/v1/poll.js";
import { tellClosedPolls, tellPollVotes } from "../../src/posts/polls/tell-polls.js";
import { type Account, openSchool, type School } from "../support/call-as.js";
import { seeded, upTo } from "../support/numbers.js";
import { outcomes } from "../support/outcomes.js";
import { handlersOf, publish, updatesAbout, wrongCounts } from "./posts-of.js";

type Vote = Pick<VoteInPollRequest, "options" | "answer">;
const soon = () => new Date(Date.now() + 3_600_000).toISOString();

describe("polls, when much happens at once", function () {
  this.timeout(60_000);
  this.slow(5_000);
  let school: School;
  let there: School;
  let people: Account[];
  let teacher: Account;

  before(async () => {
    school = await openSchool();
    there = await openSchool(school.url);
    people = await Promise.all(upTo(20).map(() => school.account()));
    teacher = await school.account("ROLE_TEACHER");
  });
  after(async () => {
    await there.close();
    await school.close();
  });

  const draft = {
    question: "Where to?",
    kind: "POLL_KIND_MULTIPLE",
    options: ["wood", "lake", "hill"],
    closes_at: undefined,
    results: "POLL_RESULTS_ALWAYS",
    is_anonymous: false,
  } as const;
  const create = async (fields: { closes_at?: string; kind?: "POLL_KIND_OPEN"; options?: string[] } = {}) =>
    (
      await handlersOf(school).polls.createPoll(
        { ...draft, options: [...draft.options], post_id: await publish(school, teacher), ...fields },
        teacher.call,
      )
    ).id;
  const at = (place: number) => {
    const process = place % 2 ? school : there;
    return { ...handlersOf(process), as: ({ caller }: Account) => process.as(caller) };
  };
  const vote = (place: number, who: Account, poll_id: number, given: Partial<Vote>) =>
    at(place).polls.voteInPoll({ poll_id, options: [], ...given }, at(place).as(who));
  const takeBack = (place: number, who: Account, poll_id: number) =>
    at(place).polls.takeBackPollVote({ poll_id }, at(place).as(who));
  const find = (poll_id: number, who = teacher) => handlersOf(school).polls.getPoll({ poll_id }, who.call);
  const counts = async (id: number) => (await find(id)).options.map(({ vote_count }) => vote_count);
  const passed = (id: number) =>
    school.sql("update polls set closes_at = clock_timestamp() - interval '1 second' where id = $1", [id]);
  const tell = () =>
    Promise.all(
      [school, there].flatMap(({ database }) =>
        [tellPollVotes, tellClosedPolls].map((step) => step.run(database, new AbortController().signal)),
      ),
    );
  const choices = [[1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3]];

  it("twenty who vote at once, twice each and differently, have one vote each, and the counts are theirs", async () => {
    const id = await create();
    const { answers, reasons } = await outcomes(
      people.flatMap((who, place) => [
        vote(place, who, id, { options: [1] }),
        vote(place + 1, who, id, { options: [2, 3] }),
      ]),
    );
    expect({ answers: answers.length, reasons }).to.deep.equal({ answers: 40, reasons: [] });
    expect((await find(id)).voter_count).to.equal(20);
    expect(await wrongCounts(school)).to.deep.equal([]);
    await outcomes(people.map((who, place) => vote(place, who, id, { options: [3] })));
    expect(await counts(id)).to.deep.equal([0, 0, 20]);
    await outcomes(people.flatMap((who, place) => [takeBack(place, who, id), takeBack(place + 1, who, id)]));
    expect([(await find(id)).voter_count, ...(await counts(id))]).to.deep.equal([0, 0, 0, 0]);
    expect(await wrongCounts(school)).to.deep.equal([]);
  });

  it("the same vote twenty times at once is one vote, and its time stays", async () => {
    const id = await create();
    const { answers } = await outcomes(upTo(20).map((place) => vote(place, people[0]!, id, { options: [2] })));
    expect(new Set(answers.map(({ voted_at, voter_count }) => `${voted_at} ${voter_count}`)).size).to.equal(1);
  });

  it("votes that come, change and go in any order are counted as they are", async () => {
    const ids = await Promise.all(upTo(3).map(() => create()));
    const random = seeded(17);
    const { reasons } = await outcomes(
      upTo(200).map((place) => {
        const [who, id] = [people[random(20)]!, ids[random(3)]!];
        return random(10) < 7 ? vote(place, who, id, { options: choices[random(7)]! }) : takeBack(place, who, id);
      }),
    );
    expect(reasons).to.deep.equal([]);
    expect(await wrongCounts(school)).to.deep.equal([]);
  });

  it("twenty who make the poll of a post at once make one", async () => {
    const post_id = await publish(school, teacher);
    const { answers, reasons } = await outcomes(
      upTo(20).map((place) =>
        at(place).polls.createPoll({ ...draft, options: [...draft.options], post_id }, at(place).as(teacher)),
      ),
    );
    expect([answers.length, reasons.length, ...new Set(reasons)]).to.deep.equal([1, 19, "POST_HAS_POLL"]);
    expect(await updatesAbout(school, "poll.changed", answers[0]!.id)).to.deep.equal(["school poll.changed"]);
  });

  it("no vote comes after the closing of twenty, which is told once, and what came before is counted", async () => {
    const id = await create();
    const close = (place: number) => at(place).polls.closePoll({ poll_id: id }, at(place).as(teacher));
    const { reasons } = await outcomes<unknown>(
      people.flatMap((who, place) => [vote(place, who, id, { options: [1] }), close(place)]),
    );
    expect([...new Set(reasons)].filter((reason) => reason !== "POLL_CLOSED")).to.deep.equal([]);
    const [row] = await school.sql<{ late: string }>(
      "select count(*)::text as late from poll_votes v join polls p on p.id = v.poll_id where p.id = $1 and v.voted_at > p.closes_at",
      [id],
    );
    expect(row).to.deep.equal({ late: "0" });
    expect((await find(id)).voter_count).to.equal(20 - reasons.length);
    await tell();
    expect(await updatesAbout(school, "poll.closed", id)).to.deep.equal(["school poll.closed"]);
    expect(await wrongCounts(school)).to.deep.equal([]);
  });

  it("a poll with a vote is not deleted by twenty who do while twenty vote", async () => {
    for (const round of upTo(5)) {
      const id = await create();
      const remove = (place: number) => at(place).polls.deletePoll({ poll_id: id }, at(place).as(teacher));
      const { reasons } = await outcomes<unknown>(
        people.flatMap((who, place) => [remove(place + round), vote(place, who, id, { options: [1] })]),
      );
      const [row] = await school.sql<{ polls: number }>("select count(*)::integer as polls from polls where id = $1", [
        id,
      ]);
      const counted = (reason: string) => reasons.filter((each) => each === reason).length;
      expect({ missing: counted("POLL_NOT_FOUND"), kept: counted("POLL_HAS_VOTES") }).to.deep.equal(
        row!.polls ? { missing: 0, kept: 20 } : { missing: 39, kept: 0 },
      );
    }
  });

  it("votes are told of once for each poll, and again after others have come", async () => {
    const id = await create();
    await Promise.all(people.map((who, place) => vote(place, who, id, { options: [1] })));
    await tell();
    expect(await updatesAbout(school, "poll.voted", id)).to.deep.equal(["school poll.voted"]);
    await vote(1, people[0]!, id, { options: [1] });
    await tell();
    expect(await updatesAbout(school, "poll.voted", id)).to.have.length(1);
    await takeBack(1, people[0]!, id);
    await tell();
    expect(await updatesAbout(school, "poll.voted", id)).to.have.length(2);
  });

  it("a closing time that has come is told once, takes no vote, and does not move any more", async () => {
    const id = await create({ closes_at: soon() });
    const { polls } = handlersOf(school);
    await tell();
    expect(await updatesAbout(school, "poll.closed", id)).to.deep.equal([]);
    await passed(id);
    const { reasons } = await outcomes<unknown>([
      vote(0, people[0]!, id, { options: [1] }),
      takeBack(1, people[0]!, id),
      polls.updatePoll({ poll_id: id, closes_at: soon(), never_closes: false }, teacher.call),
      polls.updatePoll({ poll_id: id, closes_at: undefined, never_closes: true }, teacher.call),
    ]);
    expect(reasons).to.deep.equal(upTo(4).map(() => "POLL_CLOSED"));
    await tell();
    await tell();
    expect(await updatesAbout(school, "poll.closed", id)).to.deep.equal(["school poll.closed"]);
    expect((await polls.closePoll({ poll_id: id }, teacher.call)).is_closed).to.equal(true);
    expect(await updatesAbout(school, "poll.closed", id)).to.have.length(1);
  });

  it("nobody is told of the polls of posts that were removed, and of drafts", async () => {
    const { posts, polls } = handlersOf(school);
    const text = { title: "Draft", text: "words", is_for_all: true, group_ids: [], publish: false };
    const { id: post_id } = await posts.createPost(text, teacher.call);
    const more = { ...draft, options: [...draft.options] };
    const { id: drafted } = await polls.createPoll({ ...more, post_id, closes_at: soon() }, teacher.call);
    const removed = await create({ closes_at: soon() });
    await vote(0, people[0]!, removed, { options: [1] });
    await posts.deletePost({ post_id: (await find(removed)).post_id }, teacher.call);
    for (const id of [drafted, removed]) await passed(id);
    await tell();
    expect(await updatesAbout(school, "poll.%", drafted)).to.deep.equal([]);
    expect(await updatesAbout(school, "poll.%", removed)).to.deep.equal(["school poll.changed"]);
  });

  /** What becomes of a vote that meets a transaction under way, which ends when the vote waits for it, or has not waited. */
  async function meeting(sql: string, id: number, act: () => Promise<unknown>, meanwhile?: () => Promise<unknown>) {
    const other = new Client({ connectionString: school.url });
    await other.connect();
    await other.query("begin");
    await other.query(sql, [id]);
    let isSettled = false;
    const settled = outcomes([act()]).finally(() => (isSettled = true));
    const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while (!isSettled && (await school.sql(waiting)).length === 0);
    await meanwhile?.();
    await other.query("commit");
    await other.end();
    return (await settled).reasons;
  }
  const closing = "update polls set closes_at = clock_timestamp() where id = $1";

  it("a vote, and one that is taken back, that wait for the closing come too late", async () => {
    const id = await create();
    await vote(1, people[0]!, id, { options: [1] });
    expect(await meeting(closing, id, () => vote(1, people[1]!, id, { options: [1] }))).to.deep.equal(["POLL_CLOSED"]);
    await school.sql("update polls set closes_at = null where id = $1", [id]);
    expect(await meeting(closing, id, () => takeBack(1, people[0]!, id))).to.deep.equal(["POLL_CLOSED"]);
    expect(await counts(id)).to.deep.equal([1, 0, 0]);
  });

  it("a vote that waits for the end of its account is none", async () => {
    const id = await create();
    const who = await school.account();
    const ending = "update users set deleted_at = now(), email = null, first_name = '', last_name = '' where id = $1";
    expect(await meeting(ending, who.id, () => vote(1, who, id, { options: [1] }))).to.deep.equal(["INVALID_TOKEN"]);
    expect(await counts(id)).to.deep.equal([0, 0, 0]);
  });

  it("a poll in which somebody votes just now keeps no other from being told of", async () => {
    const [held, other] = [await create(), await create()];
    for (const id of [held, other]) await vote(1, people[0]!, id, { options: [1] });
    const locking = "select from polls where id = $1 for no key update";
    await meeting(locking, held, () => vote(1, people[1]!, held, { options: [2] }), tell);
    expect(await updatesAbout(school, "poll.voted", other)).to.have.length(1);
    expect(await updatesAbout(school, "poll.voted", held)).to.have.length(0);
    await tell();
    expect(await updatesAbout(school, "poll.voted", held)).to.have.length(1);
  });

  it("no vote is left of an account that ends while it votes, in closed polls too, and no count is wrong", async () => {
    const ids = await Promise.all(upTo(6).map(() => create()));
    const leavers = await Promise.all(upTo(6).map(() => school.account()));
    for (const who of leavers) for (const id of ids.slice(0, 3)) await vote(1, who, id, { options: [1, 2] });
    await handlersOf(school).polls.closePoll({ poll_id: ids[0]! }, teacher.call);
    const { reasons } = await outcomes<unknown>([
      ...leavers.flatMap((who) => [
        ...ids.map((id, place) => vote(place, who, id, { options: [3] })),
        school.auth.deleteMe({ password: who.password }, who.call),
        ...ids.map((id, place) => takeBack(place, who, id)),
      ]),
      ...people.flatMap((who) => ids.map((id, place) => vote(place, who, id, { options: [2] }))),
    ]);
    expect(new Set(reasons)).to.not.include("INTERNAL");
    expect(await wrongCounts(school)).to.deep.equal([]);
    const gone = leavers.map((who) => who.id);
    expect(await school.sql("select from poll_votes where user_id = any($1::bigint[])", [gone])).to.have.length(0);
    expect((await find(ids[0]!)).voter_count).to.equal(0);
  });

  it("an export has each vote once, over several pages, while others vote", async () => {
    const id = await create({ kind: "POLL_KIND_OPEN", options: [] });
    await school.sql(
      `with made as (
         insert into users (email, first_name, last_name) select 'export' || n || '@example.org', '=1+1', 'Person ' || n
           from generate_series(1, 1200) as n returning id
       )
       insert into poll_votes (poll_id, user_id, options, answer) select $1, id, '{}', 'answer ' || id from made`,
      [id],
    );
    const { pieces } = (await handlersOf(school).polls.exportPollVotes({ poll_id: id }, teacher.call)) as unknown as {
      pieces: AsyncIterable<string>;
    };
    let text = "";
    for await (const piece of pieces) {
      text += piece;
      await Promise.all(people.map((who, place) => vote(place, who, id, { answer: `late ${text.length} ${place}` })));
    }
    const lines = text.trimEnd().split("\r\n");
    expect(lines[0]).to.equal("\ufeffuser_id,last_name,first_name,voted_at,answer");
    const kept = lines.filter((line) => /,answer \d+$/.test(line));
    expect([kept.length, new Set(kept).size]).to.deep.equal([1200, 1200]);
    expect(kept[0]).to.match(/^\d+,Person \d+,"'=1\+1",20\d\d-\d\d-\d\dT[\d:.]+Z,answer \d+$/);
  });
});
