// The implementations of Connection that the tests of this folder run against: the one of src/, and one of stock pg, which
// could replace it.
import type { Connection, ConnectionSettings } from "../../../src/platform/database/protocol/connection.js";
import { openConnection } from "../../../src/platform/database/protocol/open-connection.js";
import { openStockConnection } from "./stock-connection.js";

export interface Implementation {
  readonly name: string;
  open(settings: ConnectionSettings): Promise<Connection>;
}

export const implementations: readonly Implementation[] = [
  { name: "of PipelinedClient", open: openConnection },
  { name: "of stock pg", open: openStockConnection },
];

/** Settings for a test; `more` replaces them. */
export function settings(url: string, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return { url, applicationName: "lyceum test", connectTimeoutMs: 10_000, ...more };
}

/** The error with which a promise rejects. Fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string; constraint?: string }> {
  return promise.then(
    (result) => {
      throw new Error(`it resolved with ${JSON.stringify(result)}`);
    },
    (error: unknown) => error as Error,
  );
}
