// The sessions of the caller: which there are, and ending them.
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { SessionService } from "../../gen/lyceum/v1/session.js";
import { recordAudit } from "../../platform/audit/audit.js";
import { pageOf, readPage } from "../../platform/page.js";
import { deviceNameOf } from "./device-name.js";
import { endSessionsOf } from "./end-sessions.js";
import { listOwnSessions, revokeOwnSession } from "./own-store.js";
import type { Revocations } from "./revocations.js";

/** The handlers of SessionService. */
export function sessionHandlers(revocations: Pick<Revocations, "add">): Handlers<SessionService> {
  return {
    async listSessions(request, { database, user }) {
      const page = readPage(request, { scope: ["sessions", user.id], key: [0], isOldestFirst: false });
      const found = await listOwnSessions(database, user, page);
      const { rows, next_page_token } = pageOf(found, page, ({ id }) => [id]);
      const sessions = rows.map(({ user_agent, device_name, ...session }) =>
        Object.assign(session, { device_name: device_name || deviceNameOf(user_agent) }),
      );
      return { sessions, next_page_token };
    },

    async revokeSession({ session_id: number }, call) {
      const sessionId = await call.database.transaction(async (queries) => {
        const revoked = await revokeOwnSession(queries, number, call.user.id);
        if (revoked === undefined) throw new ApiError("SESSION_NOT_FOUND", `Session with id=${number} not found`);
        await recordAudit(queries, call, { action: "session.revoke", target: ["session", number] });
        return revoked;
      });
      revocations.add(sessionId);
      return {};
    },

    async revokeOtherSessions(_request, call) {
      const { id, sessionId } = call.user;
      const told = await call.database.transaction(async (queries) => {
        const afterCommit = await endSessionsOf(revocations, queries, id, sessionId);
        await recordAudit(queries, call, { action: "session.revoke_others", target: ["user", id] });
        return afterCommit;
      });
      await told(call.database);
      return {};
    },
  };
}
