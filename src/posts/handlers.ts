// Posts: writing, listing, reading, changing, publishing, pinning and removing them, and voting for them.
import { lockCaller } from "../accounts/above.js";
import type { Call, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { Empty } from "../gen/google/protobuf/empty.js";
import type { ListPostsRequest, Post, PostService } from "../gen/lyceum/v1/post.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { shortMoment } from "../platform/list-moment.js";
import { renderMarkdown } from "../platform/markdown/render.js";
import { pageOf, readNumberedPage, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { includedPeople } from "../users/people.js";
import { askedAudience, isStaff, requireAudience, updatesOf } from "./audience.js";
import { listPosts, type PostFilter } from "./listing-store.js";
import { removeWhole, resolveAll } from "./removal.js";
import { notPublished, postNotFound, requirePost } from "./require.js";
import * as store from "./store.js";
import { listVersions } from "./versions-store.js";
import { insertVote, deleteVote } from "./votes/store.js";

/** The handlers of PostService. */
export function postHandlers(): Handlers<PostService> {
  return {
    async createPost({ title, text, publish, ...asked }, { user, database }) {
      const audience = askedAudience(asked)!;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        await requireAudience(queries, user, audience);
        const draft = { authorId: user.id, title, text, ...audience, isPublished: publish };
        const id = await store.insertPost(queries, draft);
        const post = (await store.findPost(queries, user, id))!;
        if (publish) await recordUpdates(queries, user.id, updatesOf("post.published", post));
        return post;
      });
    },

    async listPosts(request, { user, database }) {
      const filter = filterOf(request);
      const page = readNumberedPage(request, {
        scope: ["posts", user.id, filter],
        key: [0, 0, 0, ""],
        isOldestFirst: false,
      });
      const rows = await listPosts(database, user, filter, page);
      const { rows: posts, next_page_token } = pageOf(rows, page, (last) => [
        last.pinned_key,
        last.sort_key,
        last.id,
        shortMoment(last.moment),
      ]);
      const ids = posts.map(({ author_id }) => author_id);
      return { posts, next_page_token, people: await includedPeople(database, user, request, ids) };
    },

    async getPost({ post_id, html }, { user, database }) {
      const post = await requirePost(database, user, post_id);
      return html ? { ...post, html: renderMarkdown(post.text) } : post;
    },

    async updatePost({ post_id, title, text, ...asked }, call) {
      const { user, database } = call;
      const audience = askedAudience(asked);
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        if (audience) await requireAudience(queries, user, audience);
        const post = requireVersion(call, await requireOwn(queries, call, post_id));
        const isChanged = await store.updatePost(queries, post, { title, text, audience });
        const changed = (await store.findPost(queries, user, post_id))!;
        if (isChanged && post.is_published)
          await recordUpdates(queries, user.id, updatesOf("post.edited", changed, { before: post }));
        return changed;
      });
    },

    async publishPost({ post_id }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const draft = await requirePost(queries, user, post_id);
        if (draft.state === "POST_STATE_DRAFT") await requireAudience(queries, user, draft);
        const post = await requireOwn(queries, call, post_id);
        if (!post.is_published) await store.publishPost(queries, post_id);
        const published = (await store.findPost(queries, user, post_id))!;
        if (!post.is_published) await recordUpdates(queries, user.id, updatesOf("post.published", published));
        return published;
      });
    },

    async deletePost({ post_id }, call): Promise<Empty> {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockCaller(queries, user);
        const post = await requireLocked(queries, call, post_id);
        if (post.author_id !== user.id && !isStaff(user)) throw notYours(post_id);
        requireVersion(call, post);
        if (!post.is_published) {
          await store.deleteDraft(queries, post_id);
          return {};
        }
        const updates = await removeWhole(queries, call, post);
        if (post.author_id !== user.id) {
          await recordAudit(queries, call, { action: "post.remove", target: ["post", post_id] });
          const decision = { state: "REPORT_STATE_REMOVED", byId: user.id, note: "" } as const;
          updates.push(...(await resolveAll(queries, call, { postId: post_id, withComments: true }, decision)));
        }
        await recordUpdates(queries, user.id, updates);
        return {};
      });
    },

    async pinPost({ post_id }, call) {
      return pin(call, post_id, true);
    },

    async unpinPost({ post_id }, call) {
      return pin(call, post_id, false);
    },

    async voteForPost({ post_id }, { user, database }) {
      for (;;) {
        const votes = await insertVote(database, user, post_id);
        if (votes) return votes;
        const post = await requirePost(database, user, post_id);
        if (post.state === "POST_STATE_DRAFT") throw notPublished(post_id);
        if (post.author_id === user.id) throw new ApiError("PERMISSION_DENIED", "Nobody votes for their own post");
        // It was published, or shown to the caller, between the two statements; or the account has ended.
        await lockCaller(database, user);
      }
    },

    async takeBackPostVote({ post_id }, { user, database }) {
      const votes = await deleteVote(database, user, post_id);
      if (!votes) throw postNotFound(post_id);
      return votes;
    },

    async listPostVersions(request, { user, database }) {
      const { post_id } = request;
      const page = readPage(request, { scope: ["post-versions", post_id], key: [0] });
      await requirePost(database, user, post_id);
      const rows = await listVersions(database, post_id, page);
      const { rows: versions, next_page_token } = pageOf(rows, page, ({ number }) => [number]);
      return { versions, next_page_token };
    },
  };
}

function filterOf({ sort, author_id, group_id, search, drafts }: ListPostsRequest): PostFilter {
  return {
    sort: sort === "votes" ? "votes" : "new",
    authorId: author_id,
    groupId: group_id,
    words: searchWords(search),
    areDrafts: drafts,
  };
}

async function pin(call: Call, id: number, isPinned: boolean): Promise<Post> {
  const { user, database } = call;
  return database.transaction(async (queries) => {
    await lockCaller(queries, user);
    const post = await requireLocked(queries, call, id);
    if (!isStaff(user)) throw new ApiError("PERMISSION_DENIED", "Pins are for the staff");
    if (!post.is_published) throw notPublished(id);
    const isChanged = post.is_pinned !== isPinned;
    if (isChanged) {
      await store.pinPost(queries, id, isPinned);
      await recordAudit(queries, call, { action: isPinned ? "post.pin" : "post.unpin", target: ["post", id] });
    }
    const changed = (await store.findPost(queries, user, id))!;
    if (isChanged) await recordUpdates(queries, user.id, updatesOf("post.pinned", post));
    return changed;
  });
}

/** Locks a post that the caller may see. Throws POST_NOT_FOUND. */
async function requireLocked(queries: Queries, { user }: Call, id: number): Promise<store.LockedPost> {
  const post = await store.lockPost(queries, user, id);
  if (!post) throw postNotFound(id);
  return post;
}

/** The same of one that the caller has written. Throws PERMISSION_DENIED. */
async function requireOwn(queries: Queries, call: Call, id: number): Promise<store.LockedPost> {
  const post = await requireLocked(queries, call, id);
  if (post.author_id !== call.user.id) throw notYours(id);
  return post;
}

function notYours(id: number): ApiError {
  return new ApiError("PERMISSION_DENIED", `Post with id=${id} is someone else's`);
}

/** The post, unless it may not be changed in its version: PRECONDITION_FAILED. */
function requireVersion({ precondition }: Call, post: store.LockedPost): store.LockedPost {
  if (precondition.permitsVersion(post.version)) return post;
  throw new ApiError("PRECONDITION_FAILED", `Post with id=${post.id} has changed`);
}
