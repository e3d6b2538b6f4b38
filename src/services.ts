// The registry: the handlers of each service, and the ordered lists of steps that several domains take part in.
import { demoProfiles } from "./accounts/administration/demo.js";
import { accountHandlers } from "./accounts/administration/handlers.js";
import { endKeys, sweepKeys } from "./accounts/api-keys/ended-keys.js";
import { apiKeyHandlers } from "./accounts/api-keys/handlers.js";
import type { KnownKeys } from "./accounts/api-keys/known-keys.js";
import type { DemoStep } from "./accounts/demo.js";
import { endCredential, type EndAccountStep } from "./accounts/end-account.js";
import { authHandlers, type AuthDeps } from "./accounts/handlers.js";
import { tokenHandlers } from "./accounts/oauth/handlers.js";
import { emailChangeHandlers } from "./accounts/email-change/handlers.js";
import { passwordHandlers } from "./accounts/passwords/handlers.js";
import { endLinks, sweepLinks } from "./accounts/one-time-links/links.js";
import { sweepChallenges } from "./accounts/login-challenges/challenges.js";
import { endPasskeys, sweepPasskeyChallenges } from "./accounts/passkeys/ended-passkeys.js";
import { passkeyHandlers } from "./accounts/passkeys/handlers.js";
import { secondFactorHandlers } from "./accounts/second-factor/handlers.js";
import { endSecondFactor, sweepEnrolments } from "./accounts/second-factor/second-factor.js";
import { endSessions } from "./accounts/sessions/end-sessions.js";
import { sessionHandlers } from "./accounts/sessions/handlers.js";
import { sweepSessions } from "./accounts/sessions/sweep.js";
import { sweepSigningKeys } from "./accounts/signing-keys/rotate.js";
import { achievementCounts } from "./achievements/counts-store.js";
import { demoAchievements } from "./achievements/demo.js";
import { endAchievements } from "./achievements/end-achievements.js";
import { achievementHandlers } from "./achievements/handlers.js";
import { auditHandlers } from "./audit/handlers.js";
import { demoBanners } from "./banners/demo.js";
import { bannerHandlers } from "./banners/handlers.js";
import { tellOfBanners } from "./banners/steps.js";
import type { Call } from "./call.js";
import { chatCounts } from "./chats/counts-store.js";
import { demoChats } from "./chats/demo.js";
import { chatHandlers } from "./chats/handlers.js";
import { leaveAllChats } from "./chats/leave-all.js";
import { messageHandlers } from "./chats/messages/handlers.js";
import { sweepChats } from "./chats/sweep.js";
import { type Config, version } from "./config.js";
import type { Contract } from "./contract/model/load.js";
import type { Method } from "./contract/model/method.js";
import { eventCounts } from "./events/counts-store.js";
import { demoEvents } from "./events/demo.js";
import { endRegistrations } from "./events/registrations/end-registrations.js";
import { eventHandlers } from "./events/handlers.js";
import { eventSteps, remindOfEvents } from "./events/prompt-steps.js";
import { replacingAvatar } from "./files/claims.js";
import { endFiles } from "./files/end-files.js";
import { fileHandlers, type FilesDeps } from "./files/handlers.js";
import { sweepContents, sweepFiles, sweepQuota } from "./files/sweep.js";
import { demoGroups } from "./groups/demo.js";
import { groupHandlers } from "./groups/handlers.js";
import { moveToGroup } from "./groups/membership.js";
import { importHandlers } from "./imports/handlers.js";
import { endImports, resumeImports, sweepImports } from "./imports/steps.js";
import { importTask } from "./imports/task.js";
import { jobHandlers } from "./jobs/handlers.js";
import { healthHandlers } from "./health/handlers.js";
import { medals } from "./medals/awarding.js";
import { medalCounts } from "./medals/counts-store.js";
import { demoMedals } from "./medals/demo.js";
import { endMedals } from "./medals/end-medals.js";
import { medalHandlers } from "./medals/handlers.js";
import { pointCounts } from "./points/counts-store.js";
import { demoPoints } from "./points/demo.js";
import { endPoints } from "./points/end-points.js";
import { pointHandlers } from "./points/handlers.js";
import { setRating } from "./points/ledger.js";
import { announcementHandlers } from "./notifications/announcements/handlers.js";
import { notifications } from "./notifications/consumer.js";
import { notificationCounts } from "./notifications/counts-store.js";
import { demoNotifications } from "./notifications/demo.js";
import { notificationHandlers } from "./notifications/handlers.js";
import { endNotifications, sweepNotifications, tellOfNotifications } from "./notifications/steps.js";
import { sweepParts } from "./platform/blobs/sweep-parts.js";
import type { DatabaseServer } from "./platform/database/database.js";
import { commentHandlers } from "./posts/comments/handlers.js";
import { postCounts } from "./posts/counts-store.js";
import { demoPosts } from "./posts/demo.js";
import { endPosts } from "./posts/end-posts.js";
import { postHandlers } from "./posts/handlers.js";
import { pollHandlers } from "./posts/polls/handlers.js";
import { tellClosedPolls, tellPollVotes } from "./posts/polls/tell-polls.js";
import { reportHandlers } from "./posts/reports/handlers.js";
import { tellPostVotes } from "./posts/votes/tell-votes.js";
import type { Task } from "./platform/jobs/job.js";
import { sweepRates } from "./platform/rates/shared-rates.js";
import { sweepJobs } from "./platform/sweep/dead-jobs.js";
import type { SweepStep } from "./platform/sweep/sweep.js";
import { sweepTask } from "./platform/sweep/sweep-task.js";
import type { CountCheck } from "./platform/counts.js";
import type { Consumer } from "./platform/updates/consumer.js";
import { updateCounts } from "./platform/updates/counts-store.js";
import { sweepUpdates } from "./platform/updates/retention.js";
import { sweepIdempotencyKeys } from "./policy/idempotency/sweep.js";
import { realtimeHandlers, type RealtimeDeps } from "./realtime/handlers.js";
import { endRealtime, sweepPresence, sweepTickets } from "./realtime/steps.js";
import { updateHandlers } from "./updates/handlers.js";
import { userHandlers } from "./users/handlers.js";
import { deleteUser } from "./users/people.js";
import { webhooks } from "./webhooks/consumer.js";
import { webhookHandlers, type WebhookDeps } from "./webhooks/handlers.js";
import type { Sender } from "./webhooks/sender.js";
import { endWebhooks, endWebhooksOfOthers, resumeWebhooks, sweepDeliveries } from "./webhooks/steps.js";
import { webhookTask } from "./webhooks/task.js";

export interface ServiceDeps {
  readonly config: Pick<Config, "appName" | "commit" | "messagesLimit" | "publicUrl" | "uploadQuota">;
  readonly server: Pick<DatabaseServer, "ping" | "availability">;
  readonly accounts: AuthDeps & { readonly knownKeys: Pick<KnownKeys, "forget"> };
  /** The words of the contract's paths (contract/model/http-route.ts). */
  readonly routeWords: ReadonlySet<string>;
  /** The key of the files of imports. */
  readonly importKey: Uint8Array;
  readonly files: Pick<FilesDeps, "blobs" | "linkKey">;
  readonly realtime: RealtimeDeps;
  readonly webhooks: WebhookDeps;
}

/** The handlers of each service, by the full name of the service. */
export function services({ config, server, accounts, files, importKey, realtime, routeWords, webhooks }: ServiceDeps) {
  const { appName, commit, messagesLimit, publicUrl, uploadQuota } = config;
  const auth = authHandlers(accounts, endAccountSteps(accounts));
  const surroundings = { routeWords, moveToGroup, replacingAvatar, setRating };
  return {
    "lyceum.v1.HealthService": healthHandlers({ name: appName, version, commit, ...server }),
    "lyceum.v1.AuthService": auth,
    "lyceum.v1.SessionService": sessionHandlers(accounts.revocations),
    "lyceum.v1.ApiKeyService": apiKeyHandlers(accounts.knownKeys),
    "lyceum.v1.SecondFactorService": secondFactorHandlers(accounts, appName),
    "lyceum.v1.TokenService": tokenHandlers(auth),
    "lyceum.v1.PasswordService": { ...passwordHandlers(accounts), ...emailChangeHandlers(accounts) },
    "lyceum.v1.AccountService": accountHandlers(accounts, endAccountSteps(accounts), surroundings),
    "lyceum.v1.PasskeyService": passkeyHandlers(accounts, config),
    "lyceum.v1.UserService": userHandlers(),
    "lyceum.v1.GroupService": groupHandlers(),
    "lyceum.v1.ImportService": importHandlers({ ...accounts, importKey, blobs: files.blobs }),
    "lyceum.v1.ChatService": chatHandlers(messagesLimit),
    "lyceum.v1.MessageService": messageHandlers(messagesLimit),
    "lyceum.v1.FileService": fileHandlers({ ...files, publicUrl, quota: uploadQuota }),
    "lyceum.v1.EventService": eventHandlers({ appName, publicUrl }),
    "lyceum.v1.AchievementService": achievementHandlers(files),
    "lyceum.v1.PostService": postHandlers(),
    "lyceum.v1.PollService": pollHandlers(),
    "lyceum.v1.CommentService": commentHandlers(),
    "lyceum.v1.ReportService": reportHandlers(),
    "lyceum.v1.NotificationService": notificationHandlers(),
    "lyceum.v1.AnnouncementService": announcementHandlers(),
    "lyceum.v1.BannerService": bannerHandlers(),
    "lyceum.v1.AuditService": auditHandlers(),
    "lyceum.v1.UpdateService": updateHandlers(),
    "lyceum.v1.JobService": jobHandlers(),
    "lyceum.v1.PointService": pointHandlers(),
    "lyceum.v1.MedalService": medalHandlers(),
    "lyceum.v1.RealtimeService": realtimeHandlers(realtime),
    "lyceum.v1.WebhookService": webhookHandlers(webhooks),
  };
}

/**
 * The steps that end an account, in one transaction (accounts/end-account.ts).
 *
 * The order of the steps is the order of locks that every transaction keeps: users, imports, groups, events, event_groups,
 * event_registrations, calendar_links, chats, chat_members, chat_read_marks, chat_former_keys, chat_sequences, messages,
 * achievements, user_former_names, points, user_counters, user_medals, files, blobs, posts, polls, comments,
 * muted_notification_types, notifications, realtime_settings, one_time_links, api_keys, webhooks, webhook_deliveries, credentials, login_challenges,
 * totp_enrolments, totp_factors, recovery_codes, mfa_obligations, passkey_challenges, passkeys, passkey_handles, sessions
 * (docs/adr/0014-who-ends-an-account-leaves-a-tombstone.md). The user is locked before the first step, so deleteUser has its
 * lock already. A transaction that adds a member locks the user too, so no chat can be added after the user has left all of
 * them. Credentials and sessions come last and are locked briefly, because logins and refreshes wait for them on connections
 * that they share with all other requests.
 */
export function endAccountSteps({
  revocations,
  knownKeys,
}: Pick<ServiceDeps["accounts"], "revocations" | "knownKeys">): readonly EndAccountStep[] {
  return [
    endImports,
    endRegistrations,
    leaveAllChats,
    endAchievements,
    deleteUser,
    endPoints,
    endMedals,
    endFiles,
    endPosts,
    endNotifications,
    endRealtime,
    endLinks,
    endKeys(knownKeys),
    endWebhooks,
    endCredential,
    endSecondFactor,
    endPasskeys,
    endSessions(revocations),
  ];
}

/** The steps that make the demo school, after its people. A step may use the results of the steps before it. */
export function demoSteps({ blobs }: Pick<FilesDeps, "blobs">): readonly DemoStep[] {
  return [
    demoProfiles,
    demoChats,
    demoGroups,
    demoEvents,
    demoPoints,
    demoMedals,
    demoAchievements(blobs),
    demoPosts,
    demoNotifications,
    demoBanners,
  ];
}

/** The steps of the sweep, each a task that is run every ten minutes. They do not depend on each other: each has transactions of its own. */
export function sweepSteps({ blobs }: Pick<FilesDeps, "blobs">): readonly SweepStep[] {
  return [
    sweepSessions,
    sweepChats,
    sweepLinks,
    sweepKeys,
    sweepSigningKeys,
    sweepIdempotencyKeys,
    sweepRates,
    sweepChallenges,
    sweepEnrolments,
    sweepPasskeyChallenges,
    sweepImports,
    resumeImports,
    sweepFiles,
    sweepContents(blobs),
    sweepParts(blobs),
    sweepQuota,
    sweepNotifications,
    sweepTickets,
    sweepPresence,
    sweepUpdates(consumers),
    sweepDeliveries,
    resumeWebhooks,
    sweepJobs,
  ];
}

export interface TaskDeps extends Pick<FilesDeps, "blobs"> {
  readonly mailer: { readonly task: Task };
  readonly sender: Sender;
  readonly imports: Parameters<typeof importTask>[0];
}

/** What any process does of what was asked for, or is due: the tasks of jobs (platform/jobs/job.ts). */
export function tasks({ mailer, sender, imports, ...deps }: TaskDeps): readonly Task[] {
  return [...sweepSteps(deps).map(sweepTask), remindOfEvents, mailer.task, webhookTask(sender), importTask(imports)];
}

/** What reads the updates (platform/updates/consumer.ts). */
export const consumers: readonly Consumer[] = [medals, notifications, webhooks];

/** The steps that are run every two seconds: what is due, and what many changes have in common. They are as those of the sweep. */
export const promptSteps: readonly SweepStep[] = [
  tellOfNotifications,
  tellOfBanners,
  tellPostVotes,
  tellPollVotes,
  tellClosedPolls,
  endWebhooksOfOthers,
  ...eventSteps,
];

/** The counts that are stored, for `lyceum check-database --counts`. */
export const countChecks: readonly CountCheck[] = [
  ...chatCounts,
  ...eventCounts,
  ...updateCounts,
  ...pointCounts,
  ...medalCounts,
  ...achievementCounts,
  ...postCounts,
  ...notificationCounts,
];

/** A handler, as the engine calls it. */
export type Handler = (request: object, call: Call) => Promise<object>;

/** The handler of each method. Throws an Error that names the rpc when a method has none. */
export function bindHandlers(
  contract: Contract,
  registered: Readonly<Record<string, object>>,
): ReadonlyMap<Method, Handler> {
  return new Map(
    contract.methods.map((method) => {
      const service = registered[method.service] as Readonly<Record<string, Handler>> | undefined;
      const handler = service?.[method.handler];
      if (!handler) throw new Error(`${method.service}.${method.name}: no handler`);
      return [method, handler.bind(service)];
    }),
  );
}
