// What checks are played with, one after the other: actors of its own for each case file, so that lanes that run side by
// side do not meet.
import type { CaseFile, Enrolment } from "./case.js";
import { Cast } from "./actors.js";
import { Skipped } from "../check.js";
import type { Client } from "../client/client.js";
import type { Plain } from "../client/encoding.js";

/** Where checks are played. */
export interface Site {
  /** A client of the server of that name ("" is the usual one); undefined when there is none, and its cases are skipped. */
  client(server: string): Promise<Client | undefined>;
  readonly enrolment: Enrolment;
  /** What is known of actors who are there already, by name: what the steps of `admit` need. */
  readonly known: Readonly<Record<string, Plain>>;
  /** Whether the server is for this run alone, so that nothing on it is of others. */
  readonly isThrowaway: boolean;
  /** Told how far a long check has come. */
  progress?(line: string): void;
  /** Told of secrets that must not stand in a report. */
  conceal?(secret: string): void;
}

/** For so long a cast is given out; and for as long again it stays, for a check may still be at work with it. */
const tenureMs = 240_000;

interface Engagement {
  readonly cast: Promise<Cast>;
  readonly since: number;
}

export class Lane {
  private readonly casts = new Map<string, Engagement>();
  private retired: Engagement[] = [];
  private readonly notes: string[] = [];

  /** `now` is a clock in milliseconds. */
  constructor(
    readonly site: Site,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The client of the usual server. */
  async client(): Promise<Client> {
    return (await this.site.client(""))!;
  }

  /** The actors of a file on a server. Rejects with Skipped when there is no such server here. */
  async cast(file: CaseFile, server = ""): Promise<Cast> {
    await this.retire();
    const key = `${server} ${file.subject}`;
    const found = this.casts.get(key);
    if (found) return found.cast;
    const cast = this.assemble(server);
    this.casts.set(key, { cast, since: this.now() });
    return cast;
  }

  /** Dismisses all actors; a line for each thing that could not be taken away from the servers. */
  async close(): Promise<readonly string[]> {
    for (const { cast } of [...this.retired, ...this.casts.values()]) await this.dismiss(cast);
    this.retired = [];
    this.casts.clear();
    return this.notes;
  }

  /**
   * Dismisses casts, whether they are asked for again or not, before a token that lives for ten minutes can run out: what
   * they made could not be taken away any more.
   */
  private async retire(): Promise<void> {
    const now = this.now();
    for (const [key, engagement] of this.casts) {
      if (now - engagement.since < tenureMs) continue;
      this.casts.delete(key);
      this.retired.push(engagement);
    }
    const gone = this.retired.filter(({ since }) => now - since >= 2 * tenureMs);
    this.retired = this.retired.filter((engagement) => !gone.includes(engagement));
    for (const { cast } of gone) await this.dismiss(cast);
  }

  private async dismiss(cast: Promise<Cast>): Promise<void> {
    const assembled = await cast.catch(() => undefined);
    if (assembled) this.notes.push(...(await assembled.dismiss()));
  }

  private async assemble(server: string): Promise<Cast> {
    const { site } = this;
    const client = await site.client(server);
    if (!client) throw new Skipped(`there is no server "${server}" here`);
    return new Cast(client, site);
  }
}
