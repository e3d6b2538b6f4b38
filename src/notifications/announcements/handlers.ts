// Announcements: what teachers and super admins tell many people at once.
import { lockCaller } from "../../accounts/above.js";
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { AnnouncementService, SendAnnouncementRequest } from "../../gen/lyceum/v1/notification.js";
import { recordAudit } from "../../platform/audit/audit.js";
import { pageOf, readPage } from "../../platform/page.js";
import * as store from "./store.js";

/** There may be a hundred thousand people. */
const timeoutMs = 30_000;

/** The handlers of AnnouncementService. */
export function announcementHandlers(): Handlers<AnnouncementService> {
  return {
    async sendAnnouncement(request, call) {
      requireAudience(request);
      return call.database.transaction(
        async (queries) => {
          await lockCaller(queries, call.user);
          const missing = await store.findMissing(queries, request);
          if (missing.user_id !== undefined)
            throw new ApiError("USER_NOT_FOUND", `User with id=${missing.user_id} not found`);
          if (missing.group_id !== undefined)
            throw new ApiError("GROUP_NOT_FOUND", `Group with id=${missing.group_id} not found`);
          const sent = await store.insertAnnouncement(queries, call.user.id, request);
          await recordAudit(queries, call, { action: "announcement.send", target: ["announcement", sent.id] });
          return sent;
        },
        { timeoutMs },
      );
    },

    async listAnnouncements(request, { database }) {
      const page = readPage(request, { scope: ["announcements"], key: [0], isOldestFirst: false });
      const found = await store.listAnnouncements(database, page);
      const { rows: announcements, next_page_token } = pageOf(found, page, ({ id }) => [id]);
      return { announcements, next_page_token };
    },

    async getAnnouncement({ announcement_id }, { database }) {
      const found = await store.findAnnouncement(database, announcement_id);
      if (!found) throw new ApiError("ANNOUNCEMENT_NOT_FOUND", `Announcement with id=${announcement_id} not found`);
      return found;
    },
  };
}

/** Throws INVALID_FIELDS (announcement.audience) when a request names nobody, or somebody beside all. */
function requireAudience({ user_ids, group_ids, school_classes, is_for_all = false }: SendAnnouncementRequest): void {
  if (is_for_all !== [user_ids, group_ids, school_classes].some((ids) => ids.length > 0)) return;
  const message = "must stand without people, groups and school classes, or one of them must be there";
  throw new ApiError("INVALID_FIELDS", `is_for_all ${message}`, {
    violations: [{ field: "is_for_all", pointer: "/is_for_all", rule: "announcement.audience", message }],
  });
}
