// Cases of the health and the version of the server.
import { matches, timestamp, type CaseFile } from "../../runner/cases/case.js";

export const health: CaseFile = {
  subject: "health",
  actors: ["alice", "admin"],
  cases: {
    getHealth: {
      "returns ok without a login": { exactly: { status: "ok" } },
      "an invalid token is ignored by a public method": { token: "nonsense", exactly: { status: "ok" } },
      "returns ok while the database is unavailable": { server: "database-unavailable", exactly: { status: "ok" } },
      "an unknown query parameter is refused": { query: "verbose=1", answers: "MALFORMED_REQUEST" },
    },
    getDatabaseHealth: {
      "returns ok and the latency of the database": { with: { status: "ok" } },
      "is refused with Retry-After while the database is unavailable": {
        server: "database-unavailable",
        answers: "DATABASE_UNAVAILABLE",
        with: { code: "UNAVAILABLE", retry_after_seconds: 1 },
        answerHeaders: { "retry-after": "1" },
      },
    },
    watchDatabaseHealth: {
      "begins with the state of the database": {
        as: "admin",
        exactly: { is_available: true, since: timestamp },
        // A proxy passes each event on at once, and keeps none.
        answerHeaders: { "cache-control": "no-store", "x-accel-buffering": "no" },
        noisy: true,
      },
      "is for super admins alone": { as: "alice", answers: "PERMISSION_DENIED" },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getVersion: {
      "returns the name, the version and the contract of the server": {
        with: { name: matches("."), version: matches("^\\d+\\.\\d+\\.\\d+"), contract: "lyceum.v1" },
      },
    },
  },
};
