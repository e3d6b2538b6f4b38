// Achievements: handing them in, deciding about them, listing and counting them, and the export for staff.
import type { Call, Handlers } from "../call.js";
import { StreamedBody } from "../contract/streams/streamed-body.js";
import { ApiError } from "../errors.js";
import type { AchievementService } from "../gen/lyceum/v1/achievement.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { BlobStore } from "../platform/blobs/blob-store.js";
import { type PageRequest, pageOf, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { findUser, includedPeople } from "../users/people.js";
import { exportAchievements } from "./export.js";
import type { AchievementFilter } from "./filters-store.js";
import { change, handIn, withdraw } from "./handing-in.js";
import { listOfUser, listPending } from "./listing-store.js";
import { moderate } from "./moderation.js";
import { achievementNotFound } from "./refusals.js";
import { countAll, countOfUser } from "./stats-store.js";
import * as store from "./store.js";

export interface AchievementsDeps {
  readonly blobs: BlobStore;
}

/** The fields of a request by which achievements are chosen. */
interface Choice {
  readonly kind?: AchievementFilter["kind"];
  readonly state?: AchievementFilter["state"];
  readonly user_id?: number | undefined;
  readonly group_id?: number | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
}

const filterOf = ({ kind, state, user_id, group_id, created_after, created_before }: Choice): AchievementFilter => ({
  kind,
  state,
  userId: user_id,
  groupId: group_id,
  createdAfter: created_after,
  createdBefore: created_before,
});

/** The handlers of AchievementService. */
export function achievementHandlers({ blobs }: AchievementsDeps): Handlers<AchievementService> {
  return {
    async createAchievement(request, call) {
      return handIn(call, request);
    },

    async listMyAchievements(request, call) {
      return ofUser(call, call.user.id, request);
    },

    async listPendingAchievements(request, { database, user }) {
      const filter = { ...filterOf(request), words: searchWords(request.query) };
      const isOldestFirst = request.sort !== "-created_at";
      const page = readPage(request, {
        scope: ["pending achievements", filter, isOldestFirst],
        key: [0],
        isOldestFirst,
      });
      const { rows, total_count } = await listPending(database, user, filter, page);
      const { rows: achievements, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
      const ids = achievements.map(({ user_id }) => user_id);
      return {
        achievements,
        next_page_token,
        total_count,
        people: await includedPeople(database, user, request, ids),
      };
    },

    async listUserAchievements(request, call) {
      const found = await ofUser(call, request.user_id, request);
      if (found.achievements.length === 0) await requireUser(call, request.user_id);
      return found;
    },

    async getUserAchievementStats({ user_id }, call) {
      const counts = await countOfUser(call.database, call.user, user_id);
      if (counts.length === 0) await requireUser(call, user_id);
      return { counts };
    },

    async getAchievementStats(request, { database }) {
      return { counts: await countAll(database, request) };
    },

    async exportAchievements(request, call) {
      const { database, headers, now } = call;
      await database.transaction((queries) => recordAudit(queries, call, { action: "achievement.export" }));
      const name = `achievements-${now.toISOString().slice(0, 10)}.zip`;
      headers.add("Content-Disposition", `attachment; filename="${name}"`);
      return new StreamedBody("application/zip", exportAchievements(blobs, call, filterOf(request)));
    },

    async getAchievement({ achievement_id }, { database, user }) {
      const found = await store.findAchievement(database, achievement_id, user);
      if (!found) throw achievementNotFound(achievement_id);
      return found;
    },

    async updateAchievement({ achievement_id, ...draft }, call) {
      return change(call, achievement_id, draft);
    },

    async withdrawAchievement({ achievement_id }, call) {
      await withdraw(call, achievement_id);
      return {};
    },

    async acceptAchievement({ achievement_id, points }, call) {
      return moderate(call, "accept", achievement_id, points);
    },

    async rejectAchievement({ achievement_id, reason }, call) {
      return moderate(call, "reject", achievement_id, reason);
    },

    async revokeAchievement({ achievement_id, reason }, call) {
      return moderate(call, "revoke", achievement_id, reason);
    },
  };
}

/** A page of the achievements of a person that the caller may see. */
async function ofUser(
  { database, user }: Call,
  userId: number,
  request: PageRequest & Choice & { readonly sort?: string | undefined },
) {
  const filter = { ...filterOf(request), userId };
  const isOldestFirst = request.sort === "created_at";
  const page = readPage(request, { scope: ["achievements", filter, isOldestFirst], key: [0], isOldestFirst });
  const rows = await listOfUser(database, user, filter, page);
  const { rows: achievements, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
  return { achievements, next_page_token };
}

async function requireUser({ database, user }: Call, id: number): Promise<void> {
  if (!(await findUser(database, user, id))) throw new ApiError("USER_NOT_FOUND", `User with id=${id} not found`);
}
