// Cases of API keys: making, listing and revoking them, and calling with them.
import {
  absent,
  basic,
  matches,
  size,
  timestamp,
  type CaseFile,
  type Fields,
  type Step,
} from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { missingId } from "../tea-chat.js";
import { email, login, register } from "./new-user.js";

const key: Fields = { name: "Import", scopes: ["SCOPE_USERS_READ", "SCOPE_CHATS_WRITE"] };

/** $key, and $id of it. */
const make: Step = {
  call: "createApiKey",
  token: "$access",
  send: key,
  answers: 201,
  capture: { key: "secret", id: "id", prefix: "prefix" },
};
const revoke: Step = { call: "revokeApiKey", token: "$access", send: { api_key_id: "$id" }, answers: 204 };

export const apiKeys: CaseFile = {
  subject: "API keys",
  actors: ["mallory"],
  given: [register, login],
  cases: {
    createApiKey: {
      "returns the key once, and nobody keeps the answer": {
        token: "$access",
        send: { ...key, name: " Import ", expires_in_days: 365 },
        answers: 201,
        with: {
          ...key,
          prefix: matches("^lyc_[0-9A-Za-z]{8}$"),
          secret: matches("^lyc_[0-9A-Za-z]{57}$"),
          created_at: timestamp,
          expires_at: timestamp,
          last_used_at: absent,
          revoked_at: absent,
        },
        answerHeaders: { "cache-control": "no-store", location: matches("^/v1/auth/api-keys/\\d+$") },
      },
      "a person has at most twenty, of which a revoked one is none": {
        steps: [
          { ...make, turns: 20 },
          { ...make, answers: "TOO_MANY_API_KEYS", capture: {}, with: { code: "FAILED_PRECONDITION" } },
          revoke,
          make,
        ],
      },
      "twenty at once, where five have room, make five": {
        given: [{ ...make, turns: 15 }],
        token: "$access",
        send: key,
        times: 20,
        answers: { "201": 5, TOO_MANY_API_KEYS: 15 },
        distinct: ["id", "secret", "prefix"],
      },
      "a key without a name, scopes or with a long life breaks rules": {
        token: "$access",
        send: { name: " ", scopes: [], expires_in_days: 366 },
        violates: [
          { field: "name", rule: "string.min_len" },
          { field: "scopes", rule: "repeated.min_items" },
          { field: "expires_in_days", rule: "int32.lte" },
        ],
      },
      "no key has the scope of methods that are for none": {
        token: "$access",
        send: { ...key, scopes: ["SCOPE_NONE", "SCOPE_UNSPECIFIED"] },
        violates: [
          { field: "scopes[0]", rule: "enum.in" },
          { field: "scopes[1]", rule: "enum.in" },
        ],
      },
      "a key makes no key": { given: [make], token: "$key", send: key, answers: "INSUFFICIENT_SCOPE" },
      "needs a login": { send: key, answers: "UNAUTHENTICATED" },
    },
    listApiKeys: {
      "returns the caller's keys, the newest first, without the keys themselves": {
        given: [make, { ...make, send: { ...key, name: "Second" }, capture: { second: "id" } }, revoke],
        token: "$access",
        with: {
          api_keys: [
            { id: "$second", name: "Second", secret: absent, revoked_at: absent },
            {
              id: "$id",
              name: "Import",
              prefix: "$prefix",
              scopes: key["scopes"],
              secret: absent,
              revoked_at: timestamp,
            },
          ],
          next_page_token: "",
        },
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
      "has none of others": { given: [make], as: "mallory", with: { api_keys: size(0) } },
      "a token of another list is refused": {
        token: "$access",
        send: { page_token: "nonsense" },
        answers: "INVALID_PAGE_TOKEN",
      },
    },
    getApiKey: {
      "returns a key without the key itself": {
        given: [make],
        token: "$access",
        send: { api_key_id: "$id" },
        with: { id: "$id", ...key, prefix: "$prefix", secret: absent },
      },
      "a key of somebody else does not exist": {
        given: [make],
        as: "mallory",
        send: { api_key_id: "$id" },
        answers: "API_KEY_NOT_FOUND",
      },
      "needs a login": { given: [make], send: { api_key_id: "$id" }, answers: "UNAUTHENTICATED" },
      "an unknown key does not exist": {
        token: "$access",
        send: { api_key_id: missingId },
        answers: "API_KEY_NOT_FOUND",
      },
    },
    revokeApiKey: {
      "ends a key at once, for ever": {
        given: [make],
        steps: [
          { call: "getMe", token: "$key", with: { email } },
          revoke,
          { call: "getMe", token: "$key", answers: "INVALID_TOKEN" },
          revoke,
          { call: "getMe", token: "$key", answers: "INVALID_TOKEN" },
        ],
      },
      // Of a key that was used the time of its last use is stored a moment later.
      "leaves the key to be seen, with the time of its end": {
        given: [make],
        steps: [
          revoke,
          {
            call: "getApiKey",
            token: "$access",
            send: { api_key_id: "$id" },
            with: { revoked_at: timestamp, last_used_at: absent },
          },
        ],
      },
      "keeps the other keys of the caller": {
        given: [make, { ...make, capture: { other: "secret" } }],
        steps: [revoke, { call: "getMe", token: "$other", with: { email } }],
      },
      "needs a login": { given: [make], send: { api_key_id: "$id" }, answers: "UNAUTHENTICATED" },
      "twenty at once do what one does": { given: [make], ...revoke, times: 20, answers: { "204": 20 } },
      "a key of somebody else does not exist": {
        given: [make],
        steps: [
          { as: "mallory", send: { api_key_id: "$id" }, answers: "API_KEY_NOT_FOUND" },
          { call: "getMe", token: "$key", with: { email } },
        ],
      },
    },
    getMe: {
      "by a key is its owner, in each way to present it": {
        given: [make],
        steps: [
          { headers: { "x-api-key": "$key" }, with: { email } },
          { token: "$key", with: { email } },
          { headers: { authorization: basic("$key", "") }, with: { email } },
          { headers: { authorization: basic("somebody", "$key") }, with: { email } },
          { headers: { authorization: basic("$prefix", "$key") }, with: { email } },
          { token: "$key", headers: { "x-api-key": "$key" }, with: { email } },
        ],
      },
      "with two credentials that differ is refused": {
        given: [make, { ...make, capture: { other: "secret" } }],
        steps: [
          { token: "$access", headers: { "x-api-key": "$key" }, answers: "INVALID_TOKEN" },
          { token: "$other", headers: { "x-api-key": "$key" }, answers: "INVALID_TOKEN" },
          { headers: { authorization: basic("$other", "$key") }, answers: "INVALID_TOKEN" },
          { headers: { authorization: basic("$other", ""), "x-api-key": "$key" }, answers: "INVALID_TOKEN" },
        ],
      },
      "with a misspelt key is refused with a challenge": {
        given: [make],
        headers: { "x-api-key": "${key}x" },
        answers: "INVALID_TOKEN",
        answerHeaders: { "www-authenticate": matches('error="invalid_token"') },
      },
      "with a key in the query has no credential": {
        given: [make],
        query: "api_key=${key}",
        answers: "UNAUTHENTICATED",
      },
    },
    listChats: {
      "needs the scopes of a key, all of them": { given: [make], token: "$key", answers: "INSUFFICIENT_SCOPE" },
    },
    createChat: {
      "by a key is done by its owner": {
        given: [make],
        steps: [
          {
            headers: { "x-api-key": "$key" },
            send: { title: "By a script" },
            answers: 201,
            with: { role: "CHAT_ROLE_OWNER" },
            capture: { chat: "id" },
          },
          { call: "getChat", token: "$access", send: { chat_id: "$chat" }, with: { chat: { title: "By a script" } } },
        ],
      },
    },
    watchDatabaseHealth: {
      "a key does no more than its owner may": {
        given: [{ ...make, send: { ...key, scopes: ["SCOPE_HEALTH_READ"] } }],
        token: "$key",
        answers: "PERMISSION_DENIED",
      },
    },
    logout: {
      "of the owner keeps their keys": {
        given: [make],
        steps: [
          { token: "$access", answers: 204 },
          { call: "getMe", token: "$key", with: { email } },
        ],
      },
    },
    deleteMe: {
      "ends all keys": {
        given: [make],
        steps: [
          { call: "getMe", token: "$key", with: { email } },
          { token: "$access", send: { password }, answers: 204 },
          { call: "getMe", token: "$key", answers: "INVALID_TOKEN" },
        ],
      },
      "is for no key": { given: [make], token: "$key", send: { password }, answers: "INSUFFICIENT_SCOPE" },
    },
  },
};
