// The calendar of a person, behind a secret link: programs for calendars have no login.
import { invalidToken } from "../../accounts/challenge.js";
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { EventService } from "../../gen/lyceum/v1/event.js";
import { recordAudit } from "../../platform/audit/audit.js";
import { hashToken, randomToken } from "../../platform/secrets/random-token.js";
import { lockUsers } from "../../users/people.js";
import { writeCalendar } from "./ics.js";
import * as store from "./store.js";

export interface CalendarDeps {
  /** The name of the calendar. */
  readonly appName: string;
  /** The address of the server, without a path. */
  readonly publicUrl: string;
}

type CalendarMethods = "renewCalendarLink" | "getCalendarLink" | "revokeCalendarLink" | "getCalendar";

/** What programs want at the end of the address; it is no part of the token. */
const suffix = ".ics";

export function calendarHandlers({ appName, publicUrl }: CalendarDeps): Pick<Handlers<EventService>, CalendarMethods> {
  return {
    async renewCalendarLink(_request, call) {
      const { user, database } = call;
      const token = randomToken();
      const created_at = await database.transaction(async (queries) => {
        // The account has ended and the token has not expired.
        if ((await lockUsers(queries, [user.id])) !== undefined) throw invalidToken();
        const made = await store.replaceLink(queries, user.id, hashToken(token)!);
        await recordAudit(queries, call, { action: "calendar_link.renew", target: ["user", user.id] });
        return made;
      });
      return { url: `${publicUrl}/v1/calendars/${token}${suffix}`, created_at };
    },

    async getCalendarLink(_request, { user, database }) {
      return { created_at: await store.findLink(database, user.id) };
    },

    async revokeCalendarLink(_request, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        if (await store.deleteLink(queries, user.id))
          await recordAudit(queries, call, { action: "calendar_link.revoke", target: ["user", user.id] });
        return {};
      });
    },

    async getCalendar({ token }, { database, headers }) {
      const hash = hashToken(token.endsWith(suffix) ? token.slice(0, -suffix.length) : token);
      const owner = hash && (await store.findOwner(database, hash));
      if (owner === undefined)
        throw new ApiError("CALENDAR_LINK_NOT_FOUND", "There is no calendar behind this link, or no longer");
      const text = writeCalendar(appName, await store.listCalendar(database, owner));
      headers.add("Content-Disposition", 'inline; filename="calendar.ics"');
      return { content_type: "text/calendar", data: Buffer.from(text) };
    },
  };
}
