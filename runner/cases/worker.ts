// A worker runs checks one after the other. It has actors of its own for each subject, so that workers side by side do
// not share data.
import { Actors } from "./actors.js";
import type { CaseFile } from "./case.js";
import type { Target } from "./target.js";
import { Skipped } from "../check.js";
import type { Client } from "../client/client.js";

/** Actors are handed out for this long; then they are kept as long again, since a check may still use them. */
const lifetimeMs = 240_000;

interface Entry {
  readonly actors: Promise<Actors>;
  readonly since: number;
}

export class Worker {
  private readonly current = new Map<string, Entry>();
  private expired: Entry[] = [];
  private readonly notes: string[] = [];

  /** `now` is a clock in milliseconds. */
  constructor(
    readonly target: Target,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The client of the usual server. */
  async client(): Promise<Client> {
    return (await this.target.client(""))!;
  }

  /** The actors of a subject on a server. Rejects with Skipped when the target has no such server. */
  async actors({ subject }: Pick<CaseFile, "subject">, server = ""): Promise<Actors> {
    await this.expire();
    const key = `${server} ${subject}`;
    const found = this.current.get(key);
    if (found) return found.actors;
    const actors = this.createActors(server);
    this.current.set(key, { actors, since: this.now() });
    return actors;
  }

  /** Removes all actors and their data from the servers; returns a line for each thing that could not be removed. */
  async close(): Promise<readonly string[]> {
    for (const { actors } of [...this.expired, ...this.current.values()]) await this.remove(actors);
    this.expired = [];
    this.current.clear();
    return this.notes;
  }

  /** Removes actors before their tokens, which live for ten minutes, expire: without tokens nothing can be removed. */
  private async expire(): Promise<void> {
    const now = this.now();
    for (const [key, entry] of this.current) {
      if (now - entry.since < lifetimeMs) continue;
      this.current.delete(key);
      this.expired.push(entry);
    }
    const old = this.expired.filter(({ since }) => now - since >= 2 * lifetimeMs);
    this.expired = this.expired.filter((entry) => !old.includes(entry));
    for (const { actors } of old) await this.remove(actors);
  }

  private async remove(actors: Promise<Actors>): Promise<void> {
    const created = await actors.catch(() => undefined);
    if (created) this.notes.push(...(await created.remove()));
  }

  private async createActors(server: string): Promise<Actors> {
    const client = await this.target.client(server);
    if (!client) throw new Skipped(`there is no server "${server}" here`);
    return new Actors(client, this.target);
  }
}
