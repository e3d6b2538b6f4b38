// The health of the server and of its database, and the version that runs.
import type { Handlers } from "../call.js";
import type { HealthService } from "../gen/lyceum/v1/health.js";

export interface HealthDeps {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  /** The milliseconds until the database answers; throws DATABASE_UNAVAILABLE. */
  readonly ping: () => Promise<number>;
}

/** The handlers of HealthService. */
export function healthHandlers({ name, version, commit, ping }: HealthDeps): Handlers<HealthService> {
  return {
    async getHealth() {
      return { status: "ok" };
    },
    async getDatabaseHealth() {
      const latency = await ping();
      return { status: "ok", latency_ms: Math.round(latency * 1000) / 1000 };
    },
    async getVersion() {
      return { name, version, commit, contract: "lyceum.v1" };
    },
  };
}
