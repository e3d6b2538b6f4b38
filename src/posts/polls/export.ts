// The votes of a poll as a CSV file, made while it is sent: one page in memory at a time, and no connection while the client reads.
import type { Call } from "../../call.js";
import { byteOrderMark, csvLine } from "../../platform/csv/write-csv.js";
import type { SeenPoll } from "./store.js";
import { type ExportedVote, listVotes } from "./votes-store.js";

const pageVotes = 500;

/** The lines of a poll that the caller manages. */
export async function* exportVotes({ database, signal }: Call, poll: SeenPoll): AsyncGenerator<string> {
  const asked = poll.kind === "POLL_KIND_OPEN" ? ["answer"] : poll.options.map(({ text }) => text);
  const named = poll.is_anonymous ? [] : ["user_id", "last_name", "first_name", "voted_at"];
  yield byteOrderMark + csvLine([...named, ...asked]);
  for (let after: [string] | undefined; ;) {
    signal.throwIfAborted();
    const votes = await listVotes(database, poll.id, { after, limit: pageVotes, skip: 0, isOldestFirst: true });
    if (votes.length > 0) yield votes.map((vote) => lineOf(vote, poll)).join("");
    if (votes.length < pageVotes) return;
    after = [votes.at(-1)!.place];
  }
}

function lineOf({ user_id, last_name, first_name, voted_at, options, answer }: ExportedVote, poll: SeenPoll): string {
  const named = poll.is_anonymous ? [] : [String(user_id), last_name, first_name, voted_at];
  const asked =
    answer === undefined ? poll.options.map(({ number }) => (options.includes(number) ? "1" : "")) : [answer];
  return csvLine([...named, ...asked]);
}
