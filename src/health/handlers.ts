// The health of the server and of its database, and the version that runs.
import type { Handlers } from "../call.js";
import type { DatabaseState, HealthService } from "../gen/lyceum/v1/health.js";
import type { LatestValue } from "../platform/latest-value.js";

export interface HealthDeps {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  /** The milliseconds until the database answers; throws DATABASE_UNAVAILABLE. */
  readonly ping: () => Promise<number>;
  /** Whether the database answers, as far as this process knows. */
  readonly availability: Pick<LatestValue<DatabaseState>, "stream">;
}

/** The handlers of HealthService. */
export function healthHandlers({ name, version, commit, ping, availability }: HealthDeps): Handlers<HealthService> {
  return {
    async getHealth() {
      return { status: "ok" };
    },
    async getDatabaseHealth() {
      const latency = await ping();
      return { status: "ok", latency_ms: Math.round(latency * 1000) / 1000 };
    },
    async watchDatabaseHealth() {
      return availability.stream();
    },
    async getVersion() {
      return { name, version, commit, contract: "lyceum.v1" };
    },
  };
}
