// The second factor of an account: set up, confirmed, removed; and the second step of a login.
import { randomBytes } from "node:crypto";
import type { Call, Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { SecondFactorService } from "../../gen/lyceum/v1/second_factor.js";
import type { User } from "../../gen/lyceum/v1/user.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import type { Mailer } from "../../platform/mail/mailer.js";
import { invalidCode } from "../challenge.js";
import type { Passwords } from "../passwords/passwords.js";
import { confirmPassword } from "../passwords/confirm-password.js";
import type { SessionDeps } from "../sessions/begin-session.js";
import type { DeviceTokens } from "../sessions/device-tokens.js";
import type { Revocations } from "../sessions/revocations.js";
import { lockCredential } from "../store.js";
import { type CodeDeps, oneCodeOf, takeCode } from "./check-code.js";
import { completeSecondStep } from "./complete.js";
import { tell, type Notice } from "./notices.js";
import { deleteObligation } from "./obligation-store.js";
import type { MfaPolicy } from "./obligation.js";
import { deleteRecoveryCodes, insertRecoveryCodes } from "./recovery-store.js";
import { findOneself, requireOneself, resetSecondFactor } from "./reset.js";
import { hasAuthenticatorApp, hasSecondFactor, removeSecondFactor, requireSecondFactor } from "./second-factor.js";
import * as store from "./store.js";
import { showSecret, stepOf } from "./totp.js";

/** The dependencies of the handlers. */
export interface SecondFactorDeps extends SessionDeps, CodeDeps {
  readonly mfaPolicy: MfaPolicy;
  readonly passwords: Passwords;
  readonly deviceTokens: DeviceTokens;
  readonly revocations: Pick<Revocations, "add">;
  readonly mailer?: Mailer;
}

const secretBytes = 20;
/** How long a secret waits for its first code, in seconds. */
const confirmSeconds = 30 * 60;

/** The handlers of SecondFactorService. `appName` is the name that authenticator apps show. */
export function secondFactorHandlers(deps: SecondFactorDeps, appName: string): Handlers<SecondFactorService> {
  const { mfaPolicy, secretBox, recoveryCodes, accessTokens, deviceTokens, revocations } = deps;
  const notify = (queries: Queries, user: User, notice: Notice): Promise<void> =>
    tell(deps.mailer, appName, queries, user, notice);

  return {
    async getTotp(_request, { database, user }) {
      const factor = await store.findFactor(database, user.id);
      const is_required = mfaPolicy.isRequired(user.role);
      const isDue = is_required && !(await hasSecondFactor(database, user.id));
      const due_at = isDue ? await mfaPolicy.dueAt(database, user.id) : undefined;
      return { is_enabled: factor !== undefined, recovery_codes_left: 0, is_required, due_at, ...factor };
    },

    async beginTotp({ password, ...given }, call) {
      await confirmPassword(deps.passwords, call, password, "second_factor.begin");
      const { database, user, now } = call;
      const me = await requireOneself(call);
      const secret = randomBytes(secretBytes);
      const expires_at = await database.transaction(async (queries) => {
        if (await hasAuthenticatorApp(queries, user.id)) {
          const isRight = await takeCode(deps, queries, user.id, oneCodeOf(given), now);
          if (!isRight) return record(queries, call, "begin", "failure");
        }
        await record(queries, call, "begin");
        return store.upsertEnrolment(queries, user.id, secretBox.close(secret, user.id), confirmSeconds);
      });
      if (expires_at === undefined) throw invalidCode();
      return { ...showSecret(secret, appName, me.email ?? ""), expires_at };
    },

    async confirmTotp({ code }, call) {
      const { database, user, now } = call;
      const me = await requireOneself(call);
      const recovery_codes = await database.transaction(async (queries) => {
        const closed = await store.lockEnrolment(queries, user.id);
        if (!closed) throw noSecondFactor("No second factor waits for its first code: begin with one");
        const secret = secretBox.open(closed, user.id);
        const step = secret && stepOf(secret, code, now);
        if (step === undefined) return record(queries, call, "enable", "failure");
        await store.enableFactor(queries, user.id, step);
        const codes = await renewCodes(queries, user.id);
        await deleteObligation(queries, user.id);
        await record(queries, call, "enable");
        await notify(queries, me, { kind: "enabled" });
        return codes;
      });
      if (recovery_codes === undefined) throw invalidCode();
      // The token of a cookie is not for scripts.
      if (user.means !== "bearer") return { recovery_codes };
      const access_token = await accessTokens.issue({ ...user, mustEnrol: false });
      return { recovery_codes, access_token, token_type: "bearer", expires_in: accessTokens.seconds };
    },

    async renewRecoveryCodes({ password }, call) {
      await confirmPassword(deps.passwords, call, password, "second_factor.renew_recovery_codes");
      const { database, user } = call;
      const me = await requireOneself(call);
      const recovery_codes = await database.transaction(async (queries) => {
        if (!(await store.lockFactor(queries, user.id))) throw noSecondFactor("No second factor is enabled");
        await record(queries, call, "renew_recovery_codes");
        await notify(queries, me, { kind: "codes renewed" });
        return renewCodes(queries, user.id);
      });
      return { recovery_codes };
    },

    async disableTotp({ password }, call) {
      await confirmPassword(deps.passwords, call, password, "second_factor.disable");
      const { database, user } = call;
      const me = await requireOneself(call);
      await database.transaction(async (queries) => {
        await lockCredential(queries, user.id);
        const isRemoved = await removeSecondFactor(queries, user.id);
        await requireSecondFactor(mfaPolicy, queries, user);
        if (!isRemoved) return;
        await record(queries, call, "disable");
        await notify(queries, me, { kind: "disabled" });
      });
      return {};
    },

    async completeLogin({ mfa_challenge, ...given }, call) {
      const { userId, tokens, recoveryCodesLeft } = await completeSecondStep(
        deps,
        call,
        mfa_challenge,
        oneCodeOf(given),
      );
      const me = await findOneself(call.database, userId);
      if (me && recoveryCodesLeft !== undefined)
        await notify(call.database, me, { kind: "recovery code used", left: recoveryCodesLeft });
      return {
        ...tokens,
        device_token: deviceTokens.issue(me?.email ?? ""),
        recovery_codes_left: recoveryCodesLeft,
      };
    },

    async resetTotp({ user_id }, call) {
      const { database, user } = call;
      if (user_id === user.id)
        throw new ApiError("PERMISSION_DENIED", "Nobody resets their own second factor: ask another super admin");
      const person = await findOneself(database, user_id);
      if (!person) throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      const afterCommit = await database.transaction(async (queries) => {
        const work = await resetSecondFactor(revocations, queries, call, user_id);
        await notify(queries, person, { kind: "reset" });
        return work;
      });
      await afterCommit(database);
      return {};
    },
  };

  /** Replaces the recovery codes of a user; returns the new ones, which nothing else ever shows. */
  async function renewCodes(queries: Queries, userId: number): Promise<string[]> {
    const codes = recoveryCodes.make();
    await deleteRecoveryCodes(queries, userId);
    await insertRecoveryCodes(
      queries,
      userId,
      codes.map((code) => recoveryCodes.hash(code, userId)),
    );
    return codes;
  }
}

function record(
  queries: Queries,
  call: Call,
  act: "begin" | "enable" | "disable" | "renew_recovery_codes",
  outcome: "success" | "failure" = "success",
): Promise<undefined> {
  const { id } = call.user;
  return recordAudit(queries, call, { action: `second_factor.${act}`, outcome, target: ["user", id] }).then(
    () => undefined,
  );
}

function noSecondFactor(detail: string): ApiError {
  return new ApiError("NO_SECOND_FACTOR", detail);
}
