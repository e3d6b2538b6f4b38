import { matches, type CaseFile } from "../../runner/cases/case.js";

export const health: CaseFile = {
  subject: "health",
  actors: [],
  cases: {
    getHealth: {
      "says ok to anyone": { exactly: { status: "ok" } },
      "a token that is not one does not matter to a public method": { token: "nonsense", exactly: { status: "ok" } },
      "says ok while the database is away": { server: "database-away", exactly: { status: "ok" } },
      "a query that it does not know is refused": { query: "verbose=1", answers: "MALFORMED_REQUEST" },
    },
    getDatabaseHealth: {
      "says ok, and how long the database took": { with: { status: "ok" } },
      "says so when the database is away, and when to ask again": {
        server: "database-away",
        answers: "DATABASE_UNAVAILABLE",
        with: { code: "UNAVAILABLE", retry_after_seconds: 1 },
        answerHeaders: { "retry-after": "1" },
      },
    },
    getVersion: {
      "names the server, its version and its contract": {
        with: { name: matches("."), version: matches("^\\d+\\.\\d+\\.\\d+"), contract: "lyceum.v1" },
      },
    },
  },
};
