// The invariants: what every response must satisfy, whatever the request, by the rules of HTTP and of the contract and by
// the OpenAPI document. They send nothing, and stop nothing.
import type { Exchange, SocketResult } from "../client/client.js";
import type { Descriptors } from "../client/descriptors.js";
import { checkContent } from "./content.js";
import { openApiCheck } from "./openapi.js";
import { checkFraming, checkHeaders, checkContentType } from "./headers.js";
import { problemCheck } from "./problems.js";
import { pathFinder } from "./path-finder.js";
import { factsOf } from "./exchange-facts.js";
import { checkRates } from "./rates.js";
import { socketResultCheck } from "./socket-results.js";
import { checkSuccess } from "./successes.js";
import { tagCheck } from "./tags.js";

export interface Invariants {
  /**
   * The faults of a response, in sentences for people; empty when it has none. The method is found by the path and verb of
   * the request. Never rejects because of the response.
   */
  faultsOf(exchange: Exchange): Promise<string[]>;
  /** The same of the result of a call over a socket. */
  faultsOfResult(result: SocketResult): string[];
}

/**
 * The invariants of one server. `openApi` is the document that it serves; when undefined, nothing is checked against it.
 * Throws an Error when the document is not OpenAPI 3.1.
 */
export function createInvariants(descriptors: Descriptors, openApi: unknown): Invariants {
  const find = pathFinder(descriptors.rpcs.values());
  const document = openApi === undefined ? undefined : openApiCheck(openApi);
  const checkTag = tagCheck();
  const checkProblem = problemCheck(descriptors, document?.reasons);
  const checkResult = socketResultCheck(descriptors, document?.reasons);
  return {
    async faultsOf(exchange) {
      const faults: string[] = [];
      const report = (fault: string): void => void faults.push(fault);
      const facts = await factsOf(descriptors, find, exchange, report);
      const { rpc, isProblem } = facts;
      const hasMessage = isProblem || (rpc !== undefined && rpc.success !== 204 && rpc.produces.length === 0);
      checkHeaders(facts, report);
      checkFraming(facts, report);
      checkContentType(
        facts,
        isProblem ? descriptors.problem.typeName : hasMessage ? rpc?.response.typeName : undefined,
        report,
      );
      checkRates(facts, report);
      checkSuccess(facts, report);
      checkContent(facts, report);
      checkTag(facts, report);
      checkProblem(facts, report);
      document?.check(facts, report);
      return faults;
    },
    faultsOfResult(result) {
      const faults: string[] = [];
      checkResult(result, (fault) => void faults.push(fault));
      return faults;
    },
  };
}
