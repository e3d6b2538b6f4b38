// Which nicks nobody can have.

/** Words of programs and of power, which are taken for something else than a person. */
const others = new Set("admin administrator anonymous false nan null root self true undefined".split(" "));

/** Whether a nick, in any case, is a word of a path of the contract, or a word that is taken for something else than a person. */
export function isReservedNick(nick: string, routeWords: ReadonlySet<string>): boolean {
  const word = nick.toLowerCase();
  return routeWords.has(word) || others.has(word);
}
