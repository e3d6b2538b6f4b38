// Bounds in time: `x_after` and `x_before` of a request bound `x_at` of the rows, and both are exclusive.
import type { Plain } from "../../client/encoding.js";
import { show } from "../../match.js";
import { fieldTypeOf } from "../../values/field-type.js";
import type { Findings } from "../derivation.js";
import { spellingsOf } from "./moment-spellings.js";
import type { OpenedList } from "./opened-list.js";
import { apart } from "./pages.js";

const extremes = [
  "0001-01-01T00:00:00Z",
  "0001-01-01T14:00:00+14:00",
  "1900-02-28T23:59:59.999Z",
  "9999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59.999999999Z",
  "9999-12-31T11:59:59-12:00",
];

/** Reads every list of the suite between moments at, just before and just after its rows, in every spelling. */
export async function checkBounds(findings: Findings, list: OpenedList): Promise<void> {
  const bounds = list.rpc.request.fields.filter(
    (field) => fieldTypeOf(field).kind === "timestamp" && /_(after|before)$/.test(field.name),
  );
  for (const { name } of bounds) {
    const at = name.replace(/_(after|before)$/, "_at");
    const isAfter = name.endsWith("_after");
    for (const [number, request] of list.requests.entries()) {
      if (name in request) continue;
      const { limit } = list.paging;
      const wide = { ...request, [limit]: 100 };
      const { rows } = await list.page(wide);
      const timeOf = (row: Plain): number => Date.parse(String(row[at]));
      const times = [...new Set(rows.map(timeOf))];
      // The rows of one page bound what can be compared.
      const tell = async (text: string, moment: number): Promise<void> => {
        const what = `${name} ${text} in ${show(request)}`;
        await findings.during(what, async () => {
          const query = `${list.client.query(list.rpc, wide, "json")}&${name}=${encodeURIComponent(text)}`;
          const page = await list.page(wide, { query });
          const expected = rows.filter((row) => (isAfter ? timeOf(row) > moment : timeOf(row) < moment));
          const same = page.rows.filter((row) => rows.some((one) => JSON.stringify(one) === JSON.stringify(row)));
          findings.add(what, apart(rows.length < 100 ? page.rows : same, expected), page.curl);
        });
      };
      const chosen = [times[0]!, times[Math.floor(times.length / 2)]!, times.at(-1)!];
      for (const time of new Set(chosen)) {
        for (const moment of [time - 1, time, time + 1]) await tell(new Date(moment).toISOString(), moment);
        // Between two milliseconds: a bound is compared as it is given, and not cut.
        for (const finer of ["500", "001", "999", "000001", "999999"])
          for (const ms of [time - 1, time]) await tell(withFiner(ms, finer), ms + 0.5);
        if (number === 0) for (const text of spellingsOf(new Date(time).toISOString())) await tell(text, time);
      }
      if (number === 0) for (const text of extremes) await tell(text, Date.parse(text.replace(/(\.\d{3})\d+/, "$1")));
    }
  }
}

/** A moment with digits that are finer than its milliseconds. */
function withFiner(ms: number, digits: string): string {
  return new Date(ms).toISOString().replace("Z", `${digits}Z`);
}
