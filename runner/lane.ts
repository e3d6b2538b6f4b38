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
}

export class Lane {
  private readonly casts = new Map<string, Promise<Cast>>();

  constructor(readonly site: Site) {}

  /** The client of the usual server. */
  async client(): Promise<Client> {
    return (await this.site.client(""))!;
  }

  /** The actors of a file on a server. Rejects with Skipped when there is no such server here. */
  cast(file: CaseFile, server = ""): Promise<Cast> {
    const key = `${server} ${file.subject}`;
    const found = this.casts.get(key) ?? this.assemble(server);
    this.casts.set(key, found);
    return found;
  }

  private async assemble(server: string): Promise<Cast> {
    const { site } = this;
    const client = await site.client(server);
    if (!client) throw new Skipped(`there is no server "${server}" here`);
    return new Cast(client, site.enrolment, site.known);
  }
}
