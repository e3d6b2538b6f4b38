// Every count that is stored is compared with what is counted anew (`lyceum check-database --counts`).
import { expect } from "chai";
import { countChecks } from "../src/services.js";
import { openSchool } from "./support/call-as.js";

/** Columns with the name of a count that follow no rows: values of a moment, and what an authenticator counts by itself. */
const fixed: ReadonlySet<string> = new Set([
  "announcements.recipient_count",
  "post_former_keys.vote_count",
  "user_former_names.rating",
  "passkeys.sign_count",
]);

describe("the checks of counts", () => {
  it("have every column of a table that is named as a count", async () => {
    const school = await openSchool();
    const columns = await school.sql<{ name: string; table_name: string; column_name: string }>(
      `select table_name || '.' || column_name as name, table_name, column_name from information_schema.columns
        where table_schema = 'public' and (column_name like '%\\_count' or column_name in ('rating', 'total', 'pts'))
          and table_name not in ('failed_updates', 'updates', 'webhook_deliveries')`,
    );
    await school.close();
    expect(columns.map(({ name }) => name)).to.include.members(["posts.vote_count", "users.rating"]);
    const missing = columns.filter(
      ({ name, table_name, column_name }) =>
        !fixed.has(name) &&
        !countChecks.some(({ sql }) => new RegExp(`\\b${table_name}\\b`).test(sql) && sql.includes(column_name)),
    );
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
  });

  it("have names of their own", () => {
    expect(new Set(countChecks.map(({ name }) => name)).size).to.equal(countChecks.length);
  });
});
