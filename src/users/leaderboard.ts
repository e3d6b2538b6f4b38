// The leaderboard, page by page, with the caller's own place.
import type { Handlers } from "../call.js";
import type { UserService } from "../gen/lyceum/v1/user.js";
import { shortMoment } from "../platform/list-moment.js";
import { pageOf, readPage } from "../platform/page.js";
import { listLeaderboard, type RankedUser } from "./leaderboard-store.js";

/** Returns a page of the leaderboard. The page tokens carry the caller's own place, which is of the moment of the first page too. */
export const getLeaderboard: Handlers<UserService>["getLeaderboard"] = async (request, { database, user }) => {
  const filter = { groupId: request.group_id, schoolClass: request.school_class };
  const page = readPage(request, {
    scope: ["leaderboard", user.id, filter],
    key: [0, 0, 0, "", 0, 0, 0, ""],
  });
  const [rank = 0, rating = 0, ...after] = page.after ?? [];
  const board = await listLeaderboard(database, user, filter, { ...page, after: page.after && after });
  const own = page.after ? ownPlace(Number(rank), Number(rating)) : board.own;
  const { rows, next_page_token } = pageOf(board.rows, page, (last) => [
    own?.rank ?? 0,
    own?.rating ?? 0,
    ...keyOf(last),
  ]);
  return {
    rows: rows.map((row) => ({ rank: row.rank, rating: -row.key, user: row })),
    next_page_token,
    own_place: own,
  };
};

/** Rank 0 stands for no place. */
const ownPlace = (rank: number, rating: number): { rank: number; rating: number } | undefined =>
  rank > 0 ? { rank, rating } : undefined;

const keyOf = ({ key, sort_key, id, position, rank, moment }: RankedUser): (string | number)[] => [
  key,
  sort_key,
  id,
  position,
  rank,
  shortMoment(moment),
];
