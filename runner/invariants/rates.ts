// Invariants of the headers RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10): structured fields, which agree
// with each other and with the rates of the contract.
import type { ExchangeFacts, Report } from "./exchange-facts.js";
import { show } from "./headers.js";

/** Statuses of answers before the caller is known, or as soon as the caller is. */
const beforeTheCaller: ReadonlySet<number> = new Set([401, 403, 406, 413, 415]);

/** Checks both headers where they are, and that a method with a rate has them. */
export function checkRates(facts: ExchangeFacts, report: Report): void {
  const { answer, rpc } = facts;
  const { "ratelimit-policy": policyText, ratelimit: leftText } = answer.headers;
  const policy = policyText === undefined ? undefined : readItems(policyText, ["q", "w"]);
  const left = leftText === undefined ? undefined : readItems(leftText, ["r", "t"]);
  if (policyText !== undefined && !policy) report(`RateLimit-Policy is not a list of "name";q=1;w=1: ${policyText}`);
  if (leftText !== undefined && !left) report(`RateLimit is not a list of "name";r=1;t=1: ${leftText}`);
  for (const [name, { q, w }] of policy ?? [])
    if (!(q! > 0 && w! > 0)) report(`The rate ${name} allows nothing: ${policyText}`);
  for (const [name, { r, t }] of left ?? []) {
    const bound = policy?.get(name);
    if (!bound) report(`RateLimit has ${name}, and RateLimit-Policy has not: ${show(policyText)}`);
    else if (r! > bound["q"]! || t! > bound["w"]!)
      report(`RateLimit is more than its policy: ${leftText}, ${policyText}`);
  }
  // The method was not reached by what is malformed before it.
  if (!rpc || rpc.rates.length === 0 || facts.isHeadRefused || answer.status === 400) return;
  const bounds = [...(policy?.values() ?? [])];
  for (const { requests, seconds } of rpc.rates)
    if (!bounds.some(({ q, w }) => w === seconds && q! >= requests))
      report(
        `${rpc.name} takes ${requests} requests in ${seconds} s, and RateLimit-Policy does not: ${show(policyText)}`,
      );
  if (leftText === undefined && (rpc.isPublic || !beforeTheCaller.has(answer.status)))
    report(`${rpc.name} ${answer.status} has no RateLimit`);
}

/** A list of strings with parameters that are whole numbers (RFC 9651); undefined for anything else, and for two of one name. */
function readItems(
  text: string,
  parameters: readonly string[],
): ReadonlyMap<string, Record<string, number>> | undefined {
  const items = new Map<string, Record<string, number>>();
  for (const item of text.split(/[ \t]*,[ \t]*/)) {
    const [, name, rest] = /^"([\w.-]+)"((?:; *[a-z*][a-z0-9_.*-]*=\d{1,15})*)$/.exec(item) ?? [];
    if (name === undefined || items.has(name)) return undefined;
    const values = Object.fromEntries(
      rest!
        .split(/; */)
        .slice(1)
        .map((pair) => [pair.slice(0, pair.indexOf("=")), Number(pair.slice(pair.indexOf("=") + 1))]),
    );
    if (!parameters.every((parameter) => parameter in values)) return undefined;
    items.set(name, values);
  }
  return items;
}
