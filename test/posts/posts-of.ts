// Posts for tests: the handlers of a school, and short ways to write.
import { postCounts } from "../../src/posts/counts-store.js";
import { findDifferences } from "../../src/platform/counts.js";
import type { Account, School } from "../support/call-as.js";

/** The handlers of posts, comments and reports of one process. */
export const handlersOf = ({ services }: School) => ({
  posts: services["lyceum.v1.PostService"],
  comments: services["lyceum.v1.CommentService"],
  reports: services["lyceum.v1.ReportService"],
  polls: services["lyceum.v1.PollService"],
});

/** Publishes a post for all; returns its id. */
export async function publish(school: School, { call }: Account, title = "Post", text = "words"): Promise<number> {
  const draft = { title, text, is_for_all: true, group_ids: [], publish: true };
  return (await handlersOf(school).posts.createPost(draft, call)).id;
}

/** The stored counts that are wrong. */
export async function wrongCounts({ database }: School): Promise<object[]> {
  const found = await Promise.all(postCounts.map((check) => findDifferences(database, check)));
  return found.flat();
}

/** The updates about a thing, in their order: topic and kind. */
export async function updatesAbout(school: School, kinds: string, id: number): Promise<string[]> {
  const rows = await school.sql<{ told: string }>(
    "select topic || ' ' || kind as told from updates where kind like $1 and subject_id = $2 order by id",
    [kinds, id],
  );
  return rows.map(({ told }) => told);
}
