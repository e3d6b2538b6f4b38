// What checks are played with, one after the other: actors of its own for each case file, so that lanes that run side by
// side do not meet.
import type { CaseFile, Enrolment } from "./case.js";
import { Cast } from "./cast.js";
import { Skipped } from "./check.js";
import type { Client } from "./client.js";
import type { Plain } from "./encoding.js";

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

/** Actors are dismissed, with all that they made, before a token that lives for ten minutes can run out. */
const tenureMs = 240_000;

export class Lane {
  private readonly casts = new Map<string, { readonly cast: Promise<Cast>; readonly since: number }>();
  private readonly notes: string[] = [];

  constructor(readonly site: Site) {}

  /** The client of the usual server. */
  async client(): Promise<Client> {
    return (await this.site.client(""))!;
  }

  /** The actors of a file on a server. Rejects with Skipped when there is no such server here. */
  async cast(file: CaseFile, server = ""): Promise<Cast> {
    const key = `${server} ${file.subject}`;
    const found = this.casts.get(key);
    if (found && performance.now() - found.since < tenureMs) return found.cast;
    if (found) await this.dismiss(found.cast);
    const cast = this.assemble(server);
    this.casts.set(key, { cast, since: performance.now() });
    return cast;
  }

  /** Dismisses all actors; a line for each thing that could not be taken away from the servers. */
  async close(): Promise<readonly string[]> {
    for (const { cast } of this.casts.values()) await this.dismiss(cast);
    this.casts.clear();
    return this.notes;
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
