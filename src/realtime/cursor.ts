// Cursors: the places of several topics as one text, such as "chat:17=5,school=12". A client need not know what is in it.
import { ApiError } from "../errors.js";
import type { Position } from "./topics.js";

/** The most topics in a cursor, so that it has room in a query and in a header. */
export const mostTopics = 100;

const place = /^((?:school|staff|(?:user|group|chat):[1-9]\d{0,15}))=(0|[1-9]\d{0,15})$/;

/** The positions in a cursor; none in an empty one. Throws CURSOR_INVALID. */
export function readCursor(cursor: string): Position[] {
  if (cursor === "") return [];
  const positions = cursor.split(",").map((part) => {
    const found = place.exec(part);
    const pts = Number(found?.[2]);
    if (!found || !Number.isSafeInteger(pts)) throw invalidCursor();
    return { topic: found[1]!, pts };
  });
  if (positions.length > mostTopics || new Set(positions.map(({ topic }) => topic)).size < positions.length)
    throw invalidCursor();
  return positions;
}

/** The cursor of positions. */
export function writeCursor(positions: Iterable<readonly [topic: string, pts: number]>): string {
  return Array.from(positions, ([topic, pts]) => `${topic}=${pts}`).join(",");
}

function invalidCursor(): ApiError {
  return new ApiError("CURSOR_INVALID", "The cursor was not made by this server; begin without one");
}
