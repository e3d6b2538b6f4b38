// Regular expressions of the contract: the part of RE2's syntax that means the same in JavaScript. What could make
// JavaScript's engine try a text in too many ways is refused at start, so no request can make it.

/** A pattern that was read. */
export interface Pattern {
  readonly regexp: RegExp;
  /** In how many steps, at worst, a text of so many UTF-16 units is judged. */
  steps(length: number): number;
}

/** The number of ways to match a part of a pattern, given the length of the text. */
type Ways = (length: number) => number;

const once: Ways = () => 1;

/** Reads a pattern. Throws an Error that says what is not known. */
export function readPattern(source: string): Pattern {
  const reader = new PatternReader(source);
  const ways = reader.pattern();
  return {
    regexp: new RegExp(reader.translated, "u"),
    steps: (length) => ways(length) * length * (source.startsWith("^") ? 1 : length),
  };
}

class PatternReader {
  translated = "";
  private at = 0;

  constructor(private readonly source: string) {}

  pattern(): Ways {
    // `^a|b` would hold only its first branch to the start.
    const ways = this.accept("^") ? this.sequence() : this.alternatives();
    if (this.at < this.source.length) this.refuse();
    return ways;
  }

  private alternatives(): Ways {
    const branches = [this.sequence()];
    while (this.accept("|")) branches.push(this.sequence());
    return branches.length === 1 ? branches[0]! : (length) => branches.reduce((sum, ways) => sum + ways(length), 0);
  }

  private sequence(): Ways {
    const parts: Ways[] = [];
    while (this.at < this.source.length && !"|)".includes(this.source[this.at]!)) {
      if (this.at === this.source.length - 1 && this.accept("$")) break;
      parts.push(this.quantified(this.atom()));
    }
    return (length) => parts.reduce((product, ways) => product * ways(length), 1);
  }

  private atom(): Ways {
    if (this.accept("(?:") || (this.source[this.at + 1] !== "?" && this.accept("("))) {
      const ways = this.alternatives();
      if (!this.accept(")")) this.refuse();
      return ways;
    }
    if (this.accept(".", "[^\\n]")) return once;
    if (this.acceptMatch(/\[\^?(?:[^\\[\]]|\\(?:[dwDWnrt]|[^0-9A-Za-z\s]|[pP]\{[A-Z][a-z]?\}))+\]/uy)) return once;
    if (this.acceptMatch(/\\(?:[dwDWnrt]|[^0-9A-Za-z\s]|[pP]\{[A-Z][a-z]?\})|[^\\^$.|?*+()[\]{}]/uy)) return once;
    return this.refuse();
  }

  private quantified(ways: Ways): Ways {
    const match = this.acceptMatch(/([?*+]|\{(\d{1,4})(,(\d{1,4})?)?\})\??/y);
    if (!match) return ways;
    const [, sign, from, comma, to] = match;
    const least = sign === "+" ? 1 : Number(from ?? 0);
    const most =
      sign === "?" ? 1 : comma === undefined && from !== undefined ? least : to === undefined ? Infinity : Number(to);
    if (least > 1000 || (most !== Infinity && most > 1000) || most < least) this.refuse();
    return (length) => {
      const highest = Math.min(most, Math.max(length, least));
      return (highest - least + 1) * ways(length) ** highest;
    };
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
