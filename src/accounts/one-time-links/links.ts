// Links that work once, within a time: what proves that a person reads a mailbox, or was given something by the operator.
import { batchSweep } from "../../platform/sweep/batch-sweep.js";
import type { Queries } from "../../platform/database/database.js";
import { hashToken, randomToken } from "../../platform/secrets/random-token.js";
import type { EndAccountStep } from "../end-account.js";
import * as store from "./store.js";

/** What a link does, and for how long. */
export interface LinkPurpose {
  readonly name: string;
  readonly seconds: number;
}

/**
 * Makes the token of a link for a user, and ends their earlier links of this purpose. It is part of the transaction `queries`. Only
 * its hash is stored.
 */
export async function issueLink(queries: Queries, purpose: LinkPurpose, userId: number, payload = ""): Promise<string> {
  return (await issueLinks(queries, purpose, [userId], payload)).get(userId)!;
}

/** The same for many users, with one statement: the tokens by the ids of the users. */
export async function issueLinks(
  queries: Queries,
  { name, seconds }: LinkPurpose,
  userIds: readonly number[],
  payload = "",
): Promise<ReadonlyMap<number, string>> {
  const tokens = new Map(userIds.map((userId) => [userId, randomToken()]));
  const links = [...tokens].map(([userId, token]) => ({ tokenHash: hashToken(token)!, userId, payload }));
  await store.insertLinks(queries, links, name, seconds);
  return tokens;
}

/** Whom a valid link is of, and what it is about; undefined when it is not valid. It is not used up. */
export async function findLink(
  queries: Queries,
  { name }: LinkPurpose,
  token: string,
): Promise<store.Claim | undefined> {
  const hash = hashToken(token);
  return hash && store.findLink(queries, hash, name);
}

/**
 * Uses a link up, and returns whom it is of, and what it is about; undefined when it is unknown, used or too old. Of concurrent calls
 * one gets it. When the transaction is rolled back, the link is valid as before.
 */
export async function useLink(
  queries: Queries,
  { name }: LinkPurpose,
  token: string,
): Promise<store.Claim | undefined> {
  const hash = hashToken(token);
  return hash && store.claimLink(queries, hash, name);
}

/** Ends the links of a user for a purpose. */
export async function cancelLinks(queries: Queries, { name }: LinkPurpose, userId: number): Promise<void> {
  await store.deleteLinks(queries, userId, name);
}

/** Ends the links of a user for every purpose: something about the account has changed on which they relied. */
export async function cancelAllLinks(queries: Queries, userId: number): Promise<void> {
  await store.deleteLinks(queries, userId, "");
}

/** Ends all links of an account that ends. */
export const endLinks: EndAccountStep = (queries, { id }) => cancelAllLinks(queries, id);

/** Deletes links that are no longer valid. */
export const sweepLinks = batchSweep("links that worked once", store.deleteExpiredLinks);
