// Passkeys: registering, listing, renaming and removing them, and logging in with one.
import { createHash, randomBytes } from "node:crypto";
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { PasskeyService } from "../../gen/lyceum/v1/passkey.js";
import type { User } from "../../gen/lyceum/v1/user.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { RefusedTries } from "../../platform/audit/refused-tries.js";
import type { Queries } from "../../platform/database/database.js";
import { invalidCode, invalidPasskey, invalidToken } from "../challenge.js";
import { confirmPassword } from "../passwords/confirm-password.js";
import { oneCodeOf, takeCode } from "../second-factor/check-code.js";
import type { SecondFactorDeps } from "../second-factor/handlers.js";
import { tell, type Notice } from "../second-factor/notices.js";
import { deleteObligation } from "../second-factor/obligation-store.js";
import { findOneself, requireOneself } from "../second-factor/reset.js";
import { hasAuthenticatorApp, requireSecondFactor } from "../second-factor/second-factor.js";
import { beginSession } from "../sessions/begin-session.js";
import { lockCredential } from "../store.js";
import { readLogin, readRegistration } from "./credential-json.js";
import { createRelyingParty } from "./relying-party.js";
import * as store from "./store.js";

/** The dependencies of the handlers. */
export interface PasskeyDeps extends SecondFactorDeps {
  readonly refusedTries: Pick<RefusedTries, "record">;
}

/** The most passkeys of a person. */
const mostPasskeys = 20;
/** How long a challenge waits for its answer, in seconds. */
const challengeSeconds = 5 * 60;

// A challenge in client data is base64url.
const hashOf = (challenge: string): Buffer => createHash("sha256").update(challenge).digest();

/** The handlers of PasskeyService. `appName` is the name that devices show; passkeys are for the origin `publicUrl`. */
export function passkeyHandlers(
  deps: PasskeyDeps,
  { appName, publicUrl }: { readonly appName: string; readonly publicUrl: string },
): Handlers<PasskeyService> {
  const { mfaPolicy, accessTokens, deviceTokens, refusedTries } = deps;
  const party = createRelyingParty({ publicUrl, appName });
  const notify = (queries: Queries, user: User, notice: Notice): Promise<void> =>
    tell(deps.mailer, appName, queries, user, notice);

  /** Makes a challenge: only its hash is stored. */
  async function issueChallenge(queries: Queries, userId?: number) {
    const challenge = randomBytes(32);
    const hash = hashOf(challenge.toString("base64url"));
    return { challenge, expires_at: await store.insertChallenge(queries, hash, userId, challengeSeconds) };
  }

  return {
    async beginPasskey({ password, ...given }, call) {
      await confirmPassword(deps.passwords, call, password, "passkey.begin");
      const { database, user, now } = call;
      const me = await requireOneself(call);
      const begun = await database.transaction(async (queries) => {
        // What a login with a passkey does not ask for is asked for here.
        if (await hasAuthenticatorApp(queries, user.id)) {
          const isRight = await takeCode(deps, queries, user.id, oneCodeOf(given), now);
          if (!isRight) return record(queries, call, "begin", "failure");
        }
        const passkeys = await store.listPasskeys(queries, user.id);
        if (passkeys.length >= mostPasskeys) throw tooMany();
        const issued = await issueChallenge(queries, user.id);
        const handle = await store.upsertHandle(queries, user.id, randomBytes(32));
        return { ...issued, handle, passkeys };
      });
      if (!begun) throw invalidCode();
      const { challenge, expires_at, handle, passkeys } = begun;
      const owner = { handle, passkeys, name: me.email ?? "", displayName: `${me.first_name} ${me.last_name}` };
      const options = await party.creationOptions(challenge, owner, challengeSeconds);
      return { options_json: JSON.stringify(options), origin: party.origin, expires_at };
    },

    async registerPasskey({ credential_json, name }, call) {
      const presented = readRegistration(credential_json);
      const { database, user, log } = call;
      const me = await requireOneself(call);
      const isAwaited = await store.claimChallenge(database, hashOf(presented.challenge), user.id);
      const verified = isAwaited && (await party.verifyRegistration(presented, log));
      const made =
        verified &&
        (await database.transaction(async (queries) => {
          // Of registrations at once each sees the passkeys of those before. Without a credential the account has ended.
          if (!(await lockCredential(queries, user.id))) throw invalidToken();
          if ((await store.listPasskeys(queries, user.id)).length >= mostPasskeys) throw tooMany();
          const draft = { ...verified, name, transports: presented.transports };
          const passkey = await store.insertPasskey(queries, user.id, draft);
          if (!passkey) return undefined;
          await deleteObligation(queries, user.id);
          await record(queries, call, "register", "success", passkey.id);
          await notify(queries, me, { kind: "passkey added", name });
          return passkey;
        }));
      if (!made) {
        refusedTries.record(call, { action: "passkey.register", target: ["user", user.id] });
        throw invalidPasskey();
      }
      const { id, created_at, is_backed_up } = made;
      const answer = { id, name: made.name, created_at, is_backed_up };
      // The token of a cookie is not for scripts.
      if (user.means !== "bearer") return answer;
      const access_token = await accessTokens.issue({ ...user, mustEnrol: false });
      return { ...answer, access_token, token_type: "bearer", expires_in: accessTokens.seconds };
    },

    async listPasskeys(_request, { database, user }) {
      return { passkeys: await store.listPasskeys(database, user.id) };
    },

    async getPasskey({ passkey_id }, { database, user }) {
      const found = await store.findPasskey(database, user.id, passkey_id);
      if (!found) throw notFound(passkey_id);
      return found;
    },

    async renamePasskey({ passkey_id, name }, call) {
      return call.database.transaction(async (queries) => {
        const renamed = await store.updatePasskeyName(queries, call.user.id, passkey_id, name);
        if (!renamed) throw notFound(passkey_id);
        await record(queries, call, "rename", "success", passkey_id);
        return renamed;
      });
    },

    async removePasskey({ passkey_id, password }, call) {
      await confirmPassword(deps.passwords, call, password, "passkey.remove");
      const { database, user } = call;
      const me = await requireOneself(call);
      await database.transaction(async (queries) => {
        await lockCredential(queries, user.id);
        const removed = await store.findPasskey(queries, user.id, passkey_id);
        if (!removed || !(await store.deletePasskey(queries, user.id, passkey_id))) throw notFound(passkey_id);
        await requireSecondFactor(mfaPolicy, queries, user);
        await record(queries, call, "remove", "success", passkey_id);
        await notify(queries, me, { kind: "passkey removed", name: removed.name });
      });
      return {};
    },

    async beginPasskeyLogin(_request, { database }) {
      const { challenge, expires_at } = await issueChallenge(database);
      const options = await party.requestOptions(challenge, challengeSeconds);
      return { options_json: JSON.stringify(options), origin: party.origin, expires_at };
    },

    async loginWithPasskey({ credential_json, device_name, cookie }, call) {
      const presented = readLogin(credential_json);
      const { database, log } = call;
      const isAwaited = await store.claimChallenge(database, hashOf(presented.challenge), undefined);
      const passkey = isAwaited
        ? await store.findCredential(database, Buffer.from(presented.id, "base64url"))
        : undefined;
      const login =
        passkey?.handle.toString("base64url") === presented.userHandle &&
        (await party.verifyLogin(presented, passkey.public_key, log));
      if (!passkey || !login) {
        const target = passkey && { target: ["user", passkey.user_id] as const };
        refusedTries.record(call, { action: "session.begin_with_passkey", ...target });
        throw invalidPasskey();
      }
      const { id, user_id: userId } = passkey;
      const tokens = await beginSession(deps, call, {
        userId,
        by: "passkey",
        deviceName: device_name,
        cookie,
        async permits(queries) {
          if (await store.countLogin(queries, id, login.signCount, login.isBackedUp)) return true;
          log.warn(
            { user_id: userId, passkey_id: id },
            "The counter of a passkey has not gone on: there may be a copy of it",
          );
          await recordAudit(queries, call, {
            action: "passkey.count",
            outcome: "failure",
            actorId: userId,
            target: ["passkey", id],
          });
          return false;
        },
      });
      if (!tokens) throw invalidPasskey();
      const me = await findOneself(database, userId);
      return { ...tokens, device_token: deviceTokens.issue(me?.email ?? "") };
    },
  };
}

function record(
  queries: Queries,
  call: Call,
  act: "begin" | "register" | "rename" | "remove",
  outcome: "success" | "failure" = "success",
  id?: number,
): Promise<undefined> {
  const target = id === undefined ? (["user", call.user.id] as const) : (["passkey", id] as const);
  return recordAudit(queries, call, { action: `passkey.${act}`, outcome, target }).then(() => undefined);
}

function tooMany(): ApiError {
  return new ApiError(
    "TOO_MANY_PASSKEYS",
    `A person has at most ${mostPasskeys} passkeys: remove one that is not used`,
  );
}

function notFound(id: number): ApiError {
  return new ApiError("PASSKEY_NOT_FOUND", `You have no passkey with id=${id}`);
}
