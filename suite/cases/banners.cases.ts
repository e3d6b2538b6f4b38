// Cases of banners: seen by everybody while they are shown, and written by staff.
import { absent, excluding, including, matches, timestamp, type CaseFile, type Step } from "../../runner/cases/case.js";
import { missingId } from "./tea-chat.js";

const stale = { "If-Match": '"7"' };
const text = "Сайт **недоступен** ${case}";
const html = "<p>Сайт <strong>недоступен</strong> ${case}</p>";
const past = "2000-01-01T00:00:00.000Z";
const future = "2999-01-01T00:00:00.000Z";

const make: Step = {
  call: "createBanner",
  as: "teacher",
  send: { level: "BANNER_LEVEL_WARNING", text },
  answers: 201,
  capture: { banner: "id" },
};
/** What everybody sees. */
const active = (banners: unknown): Step => ({ call: "listActiveBanners", send: { limit: 100 }, with: { banners } });
const isActive: Step = active(including({ id: "$banner" }));
const isNotActive: Step = active(excluding({ id: "$banner" }));
const remove: Step = { call: "deleteBanner", as: "teacher", send: { banner_id: "$banner" }, answers: 204 };

export const banners: CaseFile = {
  subject: "banners",
  actors: ["alice", "teacher", "admin"],
  cases: {
    listActiveBanners: {
      "shows a banner to everybody, as HTML too where that is asked for": {
        noisy: true,
        given: [make],
        steps: [
          active(including({ id: "$banner", level: "BANNER_LEVEL_WARNING", text, html: absent })),
          { send: { limit: 100, html: true }, with: { banners: including({ id: "$banner", text, html }) } },
          remove,
          isNotActive,
        ],
      },
      "shows one from its begin and until its end": {
        noisy: true,
        given: [
          { ...make, send: { text, active_from: past, active_until: future }, capture: { banner: "id" } },
          { ...make, send: { text, active_from: future }, capture: { coming: "id" } },
          { ...make, send: { text, active_until: past }, capture: { gone: "id" } },
        ],
        steps: [
          isActive,
          ...["$coming", "$gone"].flatMap((id) => [active(excluding({ id })), { ...remove, send: { banner_id: id } }]),
          remove,
        ],
      },
      "refuses a token of another list": { send: { page_token: "nonsense" }, answers: "INVALID_PAGE_TOKEN" },
    },
    listBanners: {
      "lists those of the past and of the future too": {
        noisy: true,
        given: [{ ...make, send: { text, active_from: future }, capture: { banner: "id" } }],
        steps: [
          { as: "admin", send: { limit: 100, html: true }, with: { banners: including({ id: "$banner", html }) } },
          remove,
        ],
      },
      "refuses a token of another list": {
        as: "teacher",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
      "is not for students": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getBanner: {
      "is seen by staff": {
        given: [make],
        steps: [
          {
            as: "admin",
            send: { banner_id: "$banner" },
            with: {
              id: "$banner",
              level: "BANNER_LEVEL_WARNING",
              text,
              html: absent,
              created_at: timestamp,
              version: 1,
            },
          },
          { as: "teacher", send: { banner_id: "$banner", html: true }, with: { html } },
          remove,
        ],
      },
      "there is no such banner": { as: "teacher", send: { banner_id: missingId }, answers: "BANNER_NOT_FOUND" },
      "is not for students": { as: "alice", send: { banner_id: 1 }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { banner_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    createBanner: {
      "makes a banner": {
        steps: [
          {
            ...make,
            send: { text: " Hello ${case} ", active_until: "2999-01-01T00:00:00.000999Z" },
            with: {
              level: "BANNER_LEVEL_INFO",
              text: "Hello ${case}",
              html: absent,
              active_from: absent,
              active_until: future,
              version: 1,
            },
            answerHeaders: { location: matches("/v1/banners/\\d+$") },
          },
          remove,
        ],
      },
      "refuses an end that is not after its begin": {
        steps: [past, future].map((active_until) => ({
          as: "teacher",
          send: { text, active_from: future, active_until },
          violates: { field: "active_until", rule: "banner.period" },
        })),
      },
      "is not for students": { as: "alice", send: { text }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { text }, answers: "UNAUTHENTICATED" },
    },
    updateBanner: {
      "changes what is given": {
        given: [make],
        steps: [
          {
            as: "admin",
            send: { banner_id: "$banner", level: "BANNER_LEVEL_ERROR" },
            with: { level: "BANNER_LEVEL_ERROR", text, active_from: absent, version: 2 },
          },
          { as: "admin", send: { banner_id: "$banner", text }, with: { version: 2 } },
          {
            as: "admin",
            send: { banner_id: "$banner", text: "Over", active_from: past, active_until: "2000-01-02T00:00:00.000Z" },
            with: { level: "BANNER_LEVEL_ERROR", text: "Over", active_from: past, version: 3 },
          },
          isNotActive,
          {
            as: "admin",
            send: { banner_id: "$banner", is_active_always: true },
            with: { active_from: absent, active_until: absent, version: 4 },
          },
          isActive,
          remove,
        ],
        noisy: true,
      },
      "refuses an end that is not after its begin, also that of before": {
        given: [make],
        steps: [
          { as: "teacher", send: { banner_id: "$banner", active_from: future }, with: { active_from: future } },
          {
            as: "teacher",
            send: { banner_id: "$banner", active_until: past },
            violates: { field: "active_until", rule: "banner.period" },
          },
          {
            as: "teacher",
            send: { banner_id: "$banner", active_until: future, is_active_always: true },
            violates: { field: "is_active_always", rule: "banner.period" },
          },
          remove,
        ],
      },
      "is refused to who has seen another version": {
        given: [make],
        steps: [
          { as: "teacher", send: { banner_id: "$banner", text: "x" }, headers: stale, answers: "PRECONDITION_FAILED" },
          { call: "getBanner", as: "teacher", send: { banner_id: "$banner" }, with: { text, version: 1 } },
          remove,
        ],
      },
      "of twenty who have seen one version one changes it": {
        given: [make, { call: "getBanner", as: "teacher", send: { banner_id: "$banner" }, capture: { tag: "@etag" } }],
        steps: [
          {
            as: "teacher",
            send: { banner_id: "$banner", text: "changed" },
            headers: { "If-Match": "$tag" },
            times: 20,
            answers: { "200": 1, PRECONDITION_FAILED: 19 },
          },
          remove,
        ],
      },
      "there is no such banner": {
        as: "teacher",
        send: { banner_id: missingId, text: "x" },
        answers: "BANNER_NOT_FOUND",
      },
      "is not for students": { as: "alice", send: { banner_id: 1, text: "x" }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { banner_id: 1 }, answers: "UNAUTHENTICATED" },
    },
    deleteBanner: {
      "deletes a banner for everybody": {
        noisy: true,
        given: [make],
        steps: [
          { as: "admin", send: { banner_id: "$banner" }, answers: 204 },
          isNotActive,
          { as: "admin", send: { banner_id: "$banner" }, answers: "BANNER_NOT_FOUND" },
        ],
      },
      "is refused to who has seen another version": {
        given: [make],
        steps: [
          { as: "teacher", send: { banner_id: "$banner" }, headers: stale, answers: "PRECONDITION_FAILED" },
          remove,
        ],
      },
      "there is no such banner": { as: "teacher", send: { banner_id: missingId }, answers: "BANNER_NOT_FOUND" },
      "is not for students": { as: "alice", send: { banner_id: 1 }, answers: "PERMISSION_DENIED" },
      "needs a login": { send: { banner_id: 1 }, answers: "UNAUTHENTICATED" },
    },
  },
};
