// The polls of the demo school: several options, and a text in the voter's own words.
import type { DemoPerson } from "../../accounts/demo.js";
import type { Call } from "../../call.js";
import { pollHandlers } from "./handlers.js";

/** A poll in a post, with its votes: numbers of options, or a text where it has none. */
export interface DemoPoll {
  readonly question: string;
  readonly options?: string[];
  readonly votes: readonly (readonly [by: DemoPerson, vote: number[] | string])[];
}

/** Makes the poll of a post as its author, and votes in it. */
export async function demoPoll(
  as: (person: DemoPerson) => Call,
  author: DemoPerson,
  post_id: number,
  { question, options = [], votes }: DemoPoll,
): Promise<void> {
  const handlers = pollHandlers();
  const kind = options.length > 0 ? "POLL_KIND_MULTIPLE" : "POLL_KIND_OPEN";
  const terms = { closes_at: undefined, results: "POLL_RESULTS_ALWAYS", is_anonymous: false } as const;
  const { id: poll_id } = await handlers.createPoll({ post_id, question, kind, options, ...terms }, as(author));
  for (const [by, vote] of votes) {
    const choice = typeof vote === "string" ? { options: [], answer: vote } : { options: vote };
    await handlers.voteInPoll({ poll_id, ...choice }, as(by));
  }
}
