// API keys: making, listing and revoking them.
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { ApiKeyService } from "../../gen/lyceum/v1/api_key.js";
import { recordAudit } from "../../platform/audit/audit.js";
import { pageOf, readPage } from "../../platform/page.js";
import { invalidToken } from "../challenge.js";
import { hashOfKey, newKey, shownPart } from "./key-text.js";
import type { KnownKeys } from "./known-keys.js";
import * as store from "./store.js";

/** The most live keys of a person. */
const mostKeys = 20;
const defaultDays = 90;

/** The handlers of ApiKeyService. */
export function apiKeyHandlers(knownKeys: Pick<KnownKeys, "forget">): Handlers<ApiKeyService> {
  return {
    async createApiKey({ name, scopes, expires_in_days: days = defaultDays }, call) {
      const { id: userId } = call.user;
      const secret = newKey();
      const draft = { name, scopes, days, prefix: shownPart(secret), hash: hashOfKey(secret) };
      const made = await call.database.transaction(async (queries) => {
        // The account has ended and the token has not expired.
        if (!(await store.lockOwner(queries, userId))) throw invalidToken();
        const key = await store.insertKey(queries, userId, draft, mostKeys);
        if (!key)
          throw new ApiError(
            "TOO_MANY_API_KEYS",
            `A person has at most ${mostKeys} API keys: revoke one that is not used`,
          );
        await recordAudit(queries, call, { action: "api_key.create", target: ["api_key", key.id] });
        return key;
      });
      return { ...made, secret };
    },

    async listApiKeys(request, { database, user }) {
      const page = readPage(request, { scope: ["api keys"], key: [0], isOldestFirst: false });
      const rows = await store.listKeys(database, user.id, page);
      const { rows: api_keys, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
      return { api_keys, next_page_token };
    },

    async getApiKey({ api_key_id }, { database, user }) {
      const found = await store.findKey(database, user.id, api_key_id);
      if (!found) throw notFound(api_key_id);
      return found;
    },

    async revokeApiKey({ api_key_id }, call) {
      const { id: userId } = call.user;
      await call.database.transaction(async (queries) => {
        if (await store.revokeKey(queries, userId, api_key_id))
          await recordAudit(queries, call, { action: "api_key.revoke", target: ["api_key", api_key_id] });
        else if (!(await store.findKey(queries, userId, api_key_id))) throw notFound(api_key_id);
      });
      knownKeys.forget(userId);
      return {};
    },
  };
}

function notFound(id: number): ApiError {
  return new ApiError("API_KEY_NOT_FOUND", `You have no API key with id=${id}`);
}
