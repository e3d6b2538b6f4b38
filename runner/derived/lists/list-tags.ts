// The tag of a list: it stays while the rows do, so that an answer is sent once, and changes with them.
import { differences, show } from "../../match.js";
import type { Findings } from "../derivation.js";
import type { OpenedList } from "./opened-list.js";

/** Reads every list of the suite twice, and the first once more when it has grown. */
export async function checkListTags(findings: Findings, list: OpenedList): Promise<void> {
  for (const [number, request] of list.requests.entries()) {
    const what = `the tag of the list ${show(request)}`;
    await findings.during(what, async () => {
      const wide = { ...request, [list.paging.limit]: 100 };
      const first = await list.send(wide);
      const tag = first.headers["etag"] ?? "";
      const known = { headers: { "if-none-match": tag } };
      const again = await list.send(wide, known);
      findings.add(what, differences(again.status, 304, true, "status, while nothing changes"), again.curl);
      // The others may show other rows.
      if (number > 0 || list.growths === 0) return;
      await list.grow(0);
      const grown = await list.send(wide, known);
      findings.add(what, differences(grown.status, list.rpc.success, true, "status, with another row"), grown.curl);
      findings.add(what, grown.headers["etag"] === tag ? ["it is the same with another row"] : [], grown.curl);
    });
  }
}
