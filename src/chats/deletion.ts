// How long the deletion of a chat may take: all its messages go with it, in one transaction.

/** In milliseconds. */
export const deletionMs = 60_000;
