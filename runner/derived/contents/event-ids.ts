// Streams whose events have ids (the HTML standard, section 9.2.4): a client that has lost one goes on from the last id it has seen.
import type { Check } from "../../check.js";
import type { Worker } from "../../cases/worker.js";
import type { Rpc } from "../../client/descriptors.js";
import type { CodecName } from "../../client/encoding.js";
import { derived, type Derivation } from "../derivation.js";

const noId = "no id of an event";

/**
 * The header Last-Event-ID is the field of the request, and wins over it in the query: the id of an event is taken whatever the query
 * says, and what is refused in the query is refused in the header. HEAD has the status alone, and waits for no event.
 */
export function eventIdCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  const field = rpc.resumedBy!;
  return derived(derivation, rpc, "content", "the ids of its events", codec, async (findings, fresh) => {
    const prepared = await fresh();
    const first = await prepared.send();
    findings.succeeded("a stream", prepared, first);
    const id = String(first.body[field] ?? "");
    if (id === "") findings.add("the first event", [`${field} is empty, which is no id`], first.curl);
    const send = (inQuery: string, last: string | undefined): ReturnType<typeof prepared.send> =>
      prepared.send(
        { verb: "HEAD", headers: { "last-event-id": last, accept: undefined } },
        { ...prepared.request, [field]: inQuery },
      );
    const taken = async (what: string, inQuery: string, last: string | undefined): Promise<void> => {
      const { status, curl } = await send(inQuery, last);
      findings.add(what, status === 200 ? [] : [`expected 200, got ${status}`], curl);
    };
    await taken(`${field} in the query`, id, undefined);
    await taken("Last-Event-ID", "", id);
    await taken("an empty Last-Event-ID, which is none", id, "");
    const { status } = await send(noId, undefined);
    // Where any text is an id, the two cannot be told apart.
    if (status < 400) return;
    await taken(`Last-Event-ID beside another ${field}`, noId, id);
    const refused = await send(id, noId);
    const faults = refused.status === status ? [] : [`expected ${status}, got ${refused.status}`];
    findings.add(`a Last-Event-ID that is none, beside a good ${field}`, faults, refused.curl);
  });
}
