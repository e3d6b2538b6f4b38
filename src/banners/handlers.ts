// Banners: the notices for everybody, and what staff do with them.
import { lockCaller } from "../accounts/above.js";
import type { Call, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { Banner, BannerService } from "../gen/lyceum/v1/banner.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import { renderMarkdown } from "../platform/markdown/render.js";
import { wholeMsUntil } from "../platform/milliseconds.js";
import { pageOf, type PageRequest, readPage } from "../platform/page.js";
import { recordUpdates } from "../platform/updates/updates.js";
import * as store from "./store.js";

/** The handlers of BannerService. */
export function bannerHandlers(): Handlers<BannerService> {
  return {
    async listActiveBanners(request, { database }) {
      return pageOfBanners(request, database, "shown");
    },

    async listBanners(request, { database }) {
      return pageOfBanners(request, database, "all");
    },

    async getBanner({ banner_id, html }, { database }) {
      return shown(requireBanner(await store.findBanner(database, banner_id), banner_id), html);
    },

    async createBanner({ active_from, active_until, ...banner }, call) {
      const period = periodOf({ active_from, active_until });
      return call.database.transaction(async (queries) => {
        await lockCaller(queries, call.user);
        const made = await store.insertBanner(queries, { ...banner, ...period });
        await record(queries, call, "banner.create", made.id);
        return made;
      });
    },

    async updateBanner({ banner_id, is_active_always = false, ...change }, call) {
      if (is_active_always && (change.active_from ?? change.active_until) !== undefined)
        throw wrongPeriod("must not stand beside a time", "is_active_always");
      return call.database.transaction(async (queries) => {
        const banner = await lock(queries, call, banner_id);
        const { level = banner.level, text = banner.text } = change;
        const period = is_active_always
          ? { active_from: undefined, active_until: undefined }
          : periodOf({
              active_from: change.active_from ?? banner.active_from,
              active_until: change.active_until ?? banner.active_until,
            });
        const changed = await store.updateBanner(queries, { ...banner, level, text, ...period });
        if (!changed) return banner;
        await record(queries, call, "banner.update", banner_id);
        return changed;
      });
    },

    async deleteBanner({ banner_id }, call) {
      await call.database.transaction(async (queries) => {
        await lock(queries, call, banner_id);
        await store.deleteBanner(queries, banner_id);
        await record(queries, call, "banner.delete", banner_id);
      });
      return {};
    },
  };
}

async function pageOfBanners(
  request: PageRequest & { readonly html?: boolean | undefined },
  queries: Queries,
  which: "all" | "shown",
): Promise<{ banners: Banner[]; next_page_token: string }> {
  const page = readPage(request, { scope: ["banners", which], key: [0], isOldestFirst: false });
  const found = await store.listBanners(queries, which, page);
  const { rows, next_page_token } = pageOf(found, page, ({ id }) => [id]);
  return { banners: rows.map((banner) => shown(banner, request.html)), next_page_token };
}

/** A banner with its text as HTML, where that is asked for. */
function shown(banner: Banner, html = false): Banner {
  return html ? { ...banner, html: renderMarkdown(banner.text) } : banner;
}

/** Locks the caller and a banner. Throws INVALID_TOKEN, BANNER_NOT_FOUND and PRECONDITION_FAILED. */
async function lock(queries: Queries, call: Call, id: number): Promise<Banner> {
  await lockCaller(queries, call.user);
  const banner = requireBanner(await store.lockBanner(queries, id), id);
  if (!call.precondition.permitsVersion(banner.version))
    throw new ApiError("PRECONDITION_FAILED", `Banner with id=${id} has changed`);
  return banner;
}

function requireBanner(banner: Banner | undefined, id: number): Banner {
  if (!banner) throw new ApiError("BANNER_NOT_FOUND", `Banner with id=${id} not found`);
  return banner;
}

type Period = Pick<Banner, "active_from" | "active_until">;

/** The times as they are stored: in whole milliseconds. Throws INVALID_FIELDS (banner.period) when the end is not after the begin. */
function periodOf({ active_from, active_until }: Period): Period {
  const from = active_from && wholeMsUntil(active_from);
  const until = active_until && wholeMsUntil(active_until);
  if (from !== undefined && until !== undefined && until <= from) throw wrongPeriod("must be later than active_from");
  return { active_from: from, active_until: until };
}

function wrongPeriod(message: string, field = "active_until"): ApiError {
  return new ApiError("INVALID_FIELDS", `${field} ${message}`, {
    violations: [{ field, pointer: `/${field}`, rule: "banner.period", message }],
  });
}

async function record(queries: Queries, call: Call, action: `banner.${string}`, id: number): Promise<void> {
  await recordAudit(queries, call, { action, target: ["banner", id] });
  await recordUpdates(queries, call.user.id, [{ topic: "school", kind: "banner.changed", subjectId: id }]);
}
