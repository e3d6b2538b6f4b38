// What the feeds of several processes tell each other: the newest pts of topics that one of them has read, so that the others read too.
import type { Signals } from "../../signals/signals.js";
import type { StoredUpdate } from "../consumer.js";

const channel = "updates";
/** The longest text of a signal, in characters. */
const longest = 3_000;

export class FeedSignals {
  readonly #signals: Signals;
  readonly #subscription: { close(): void };
  /** By topic the newest pts that was read and that nobody has told. */
  #untold = new Map<string, number>();
  /** By topic the newest pts that others have told lately. */
  #heard = new Map<string, number>();

  /** Calls `onHeard` for each topic of which another process has read up to a pts. */
  constructor(signals: Signals, onHeard: (topic: string, pts: number) => void) {
    this.#signals = signals;
    this.#subscription = signals.listen(channel, (text) => {
      for (const [topic, pts] of pairsOf(text)) {
        if (pts > (this.#heard.get(topic) ?? 0)) this.#heard.set(topic, pts);
        if (pts >= (this.#untold.get(topic) ?? Infinity)) this.#untold.delete(topic);
        onHeard(topic, pts);
      }
    });
  }

  /**
   * Keeps what was read, to be told. Whose updates they are is not known: what others have told already is left out, and what they tell at
   * the same time is told twice.
   */
  keep(updates: readonly StoredUpdate[]): void {
    for (const { topic, pts } of updates) if (pts > (this.#heard.get(topic) ?? 0)) this.#untold.set(topic, pts);
  }

  /** Tells what was kept. */
  tell(): void {
    let text = "";
    for (const [topic, pts] of this.#untold) {
      const pair = `${topic} ${pts}`;
      if (text !== "" && text.length + pair.length >= longest) {
        this.#signals.publish(channel, text);
        text = "";
      }
      text += text === "" ? pair : `,${pair}`;
    }
    if (text !== "") this.#signals.publish(channel, text);
    this.#untold.clear();
  }

  /** Forgets what is old: what this process did not write is told by those who did. */
  forget(): void {
    this.#untold = new Map();
    this.#heard = new Map();
  }

  close(): void {
    this.#subscription.close();
  }
}

function* pairsOf(text: string): Iterable<[topic: string, pts: number]> {
  for (const pair of text.split(",")) {
    const match = /^(\S+) (\d{1,15})$/.exec(pair);
    if (match) yield [match[1]!, Number(match[2])];
  }
}
