// Page tokens: one of another list, filter or order is refused, and so is one that was changed.
import type { Worker } from "../../cases/worker.js";
import { show } from "../../match.js";
import type { Plain } from "../../client/encoding.js";
import { malformed, type Derivation, type Findings } from "../derivation.js";
import { prepareRequest } from "../example-request.js";
import { isPaged, type OpenedList } from "./opened-list.js";

/** Sends the token of every list of the suite with every other list, and changed. */
export async function checkTokens(findings: Findings, list: OpenedList, derivation: Derivation): Promise<void> {
  const { limit, skip, token } = list.paging;
  const refusal = refusalOf(list, derivation);
  const tokens: string[] = [];
  for (const request of list.requests) {
    const what = `a token of ${show(request)}`;
    await findings.during(what, async () => {
      const page = await list.page({ ...request, [limit]: 1 });
      if (page.next === "") findings.add(what, ["there is none"], page.curl);
      tokens.push(page.next);
      for (const other of list.requests.filter((one) => one !== request)) {
        const answer = await list.send({ ...other, [limit]: 1, [token]: page.next });
        findings.refused(`${what} with ${show(other)}`, answer, refusal);
      }
    });
  }
  const [first] = tokens;
  const [request] = list.requests;
  if (!first || !request) return;
  for (const changed of changedTokens(first)) {
    const what = `the token ${changed} in place of ${first}`;
    await findings.during(what, async () =>
      findings.refused(what, await list.send({ ...request, [limit]: 1, [token]: changed }), refusal),
    );
  }
  const beside = await list.send({ ...request, [skip]: 0, [token]: first });
  findings.refused(`${skip} beside a token`, beside, malformed);
}

/** Sends a token of a list to every other method. Throws Skipped where the caller of one has no account here. */
export async function checkTokensElsewhere(
  findings: Findings,
  list: OpenedList,
  derivation: Derivation,
  worker: Worker,
): Promise<void> {
  const { limit, skip, token } = list.paging;
  const { next } = await list.page({ ...list.requests[0], [limit]: 1 });
  for (const other of derivation.descriptors.rpcs.values()) {
    if (other === list.rpc || !isPaged(other, list.paging)) continue;
    const prepared = await prepareRequest(worker, derivation.examples.get(other.name)!, derivation.codecs[0]!);
    const { [skip]: _, ...rest }: Plain = prepared.request;
    const answer = await prepared.send({}, { ...rest, [token]: next });
    findings.refused(`a token of ${list.rpc.name} to ${other.name}`, answer, refusalOf(list, derivation));
  }
}

function refusalOf({ paging }: OpenedList, { descriptors }: Derivation): { status: number; reason: string } {
  return { status: descriptors.reasons.get(paging.refused)?.status ?? 400, reason: paging.refused };
}

/** A token that was cut, extended, or changed in one place, also in the text that it encodes. */
function changedTokens(token: string): string[] {
  const half = Math.floor(token.length / 2);
  const changed = [
    token.slice(0, -1),
    token.slice(1),
    token.slice(0, half),
    `${token}A`,
    `${token}=`,
    ` ${token}`,
    `${token}\n`,
    token + token,
    [...token].reverse().join(""),
    token.toLowerCase(),
    token.toUpperCase(),
    token.slice(0, half) + (token[half] === "A" ? "B" : "A") + token.slice(half + 1),
  ];
  const inner = Buffer.from(token, "base64url").toString();
  const digits = [...inner.matchAll(/\d/g)].map(({ index }) => index);
  for (const at of digits.filter((_, number) => number % 3 === 0 || number === digits.length - 1)) {
    const other = inner.slice(0, at) + ((Number(inner[at]) + 1) % 10) + inner.slice(at + 1);
    changed.push(Buffer.from(other).toString("base64url"));
  }
  return [...new Set(changed)].filter((one) => one !== token && one !== "");
}
