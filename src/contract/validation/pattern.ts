// Regular expressions of the contract: the part of RE2's syntax that means the same in JavaScript. RE2 matches in linear
// time, and JavaScript backtracks: where a group that can match in several ways is repeated, it may take exponential time.
// Such a pattern is refused at start.

/** Reads a pattern. Throws an Error with the place of the first part that is not known or not allowed. */
export function readPattern(source: string): RegExp {
  return new RegExp(new PatternReader(source).translate(), "u");
}

const escape = String.raw`\\(?:[dwDWnrt]|[^0-9A-Za-z\s]|[pP]\{[A-Z][a-z]?\})`;
const characterClass = new RegExp(String.raw`\[\^?(?:[^\\[\]]|${escape})+\]`, "uy");
const character = new RegExp(String.raw`${escape}|[^\\^$.|?*+()[\]{}]`, "uy");
const quantifier = /([?*+]|\{(\d{1,4})(,(\d{1,4})?)?\})\??/y;

class PatternReader {
  private translated = "";
  private at = 0;

  constructor(private readonly source: string) {}

  translate(): string {
    // In `^a|b` the ^ would belong to the first branch alone.
    if (this.accept("^")) this.sequence();
    else this.alternatives();
    if (this.at < this.source.length) this.refuse();
    return this.translated;
  }

  /** Reads branches, and answers whether a text can match them in several ways: there is a quantifier, or a choice. */
  private alternatives(): boolean {
    let isAmbiguous = this.sequence();
    while (this.accept("|")) {
      this.sequence();
      isAmbiguous = true;
    }
    return isAmbiguous;
  }

  private sequence(): boolean {
    let isAmbiguous = false;
    while (this.at < this.source.length && !"|)".includes(this.source[this.at]!)) {
      if (this.at === this.source.length - 1 && this.accept("$")) break;
      const start = this.at;
      const isInside = this.atom();
      const most = this.quantified();
      if (isInside && most !== undefined && most > 1)
        throw new Error(
          `the pattern ${this.source} repeats a group with a quantifier or a choice in it, at ${start}: ` +
            `a text could match it in too many ways`,
        );
      isAmbiguous ||= isInside || most !== undefined;
    }
    return isAmbiguous;
  }

  /** Reads a character, a class or a group, and answers whether it can match in several ways. */
  private atom(): boolean {
    if (this.accept("(?:") || (this.source[this.at + 1] !== "?" && this.accept("("))) {
      const isAmbiguous = this.alternatives();
      if (!this.accept(")")) this.refuse();
      return isAmbiguous;
    }
    if (!this.accept(".", "[^\\n]") && !this.acceptMatch(characterClass) && !this.acceptMatch(character)) this.refuse();
    return false;
  }

  /** Reads a quantifier, and answers how often it repeats at most; undefined where there is none. */
  private quantified(): number | undefined {
    const match = this.acceptMatch(quantifier);
    if (!match) return undefined;
    const [, sign, from, comma, to] = match;
    if (from === undefined) return sign === "?" ? 1 : Infinity;
    const least = Number(from);
    const most = comma === undefined ? least : to === undefined ? Infinity : Number(to);
    // RE2 repeats at most a thousand times where it counts.
    if (least > 1000 || (most > 1000 && most !== Infinity) || most < least) this.refuse();
    return most;
  }

  private accept(text: string, translation = text): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    this.translated += translation;
    return true;
  }

  private acceptMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.source);
    if (!match) return undefined;
    this.accept(match[0]);
    return match;
  }

  private refuse(): never {
    throw new Error(`the pattern ${this.source} has a part at ${this.at} that is not known`);
  }
}
