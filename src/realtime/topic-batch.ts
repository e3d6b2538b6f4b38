// Updates of one topic that are told to all its followers: read once, and encoded once for each serialization.
import type { Update } from "../gen/lyceum/v1/realtime.js";
import type { Told } from "./told-update.js";

export class TopicBatch {
  readonly #encoded = new Map<string, Buffer>();

  constructor(
    readonly topic: string,
    private readonly told: Told,
  ) {}

  get first(): number {
    return this.told.whole[0]!.pts;
  }

  get last(): number {
    return this.told.whole.at(-1)!.pts;
  }

  get length(): number {
    return this.told.whole.length;
  }

  /** The updates, with their messages or without. */
  updates(hasMessages: boolean): readonly Update[] {
    return hasMessages ? this.told.whole : this.told.withoutMessages;
  }

  /** What `encode` makes of the updates, made once for all followers with the same `name`. */
  encoded(name: string, hasMessages: boolean, encode: (updates: readonly Update[]) => Buffer): Buffer {
    const key = `${name} ${hasMessages}`;
    let bytes = this.#encoded.get(key);
    if (!bytes) this.#encoded.set(key, (bytes = encode(this.updates(hasMessages))));
    return bytes;
  }

  /** The updates after a pts; undefined when there are none. */
  after(pts: number): TopicBatch | undefined {
    if (pts < this.first) return this;
    if (pts >= this.last) return undefined;
    const from = pts + 1 - this.first;
    return new TopicBatch(this.topic, {
      whole: this.told.whole.slice(from),
      withoutMessages: this.told.withoutMessages.slice(from),
    });
  }
}

/** Updates of several topics as a batch of each, in the order in which the topics come first. */
export function batchesOf({ whole, withoutMessages }: Told): TopicBatch[] {
  const byTopic = new Map<string, { whole: Update[]; withoutMessages: Update[] }>();
  for (const [at, update] of whole.entries()) {
    let told = byTopic.get(update.topic);
    if (!told) byTopic.set(update.topic, (told = { whole: [], withoutMessages: [] }));
    told.whole.push(update);
    told.withoutMessages.push(withoutMessages[at]!);
  }
  return Array.from(byTopic, ([topic, told]) => new TopicBatch(topic, told));
}
