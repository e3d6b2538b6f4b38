// The witness: looks at every answer that is got, whatever it was got for, and says what is wrong with it by the laws of
// the wire and by the OpenAPI document. It sends nothing, and stops nothing.
import type { Descriptors } from "../client/descriptors.js";
import { documentLaws } from "./openapi.js";
import { bodyLaws, headerLaws, typeLaws } from "./headers.js";
import { problemLaws } from "./problems.js";
import { atlas } from "./path-finder.js";
import { sighting, type Seen } from "./exchange-facts.js";
import { successLaws } from "./successes.js";

export interface Witness {
  /**
   * What is wrong with an answer, in sentences for people; empty when all is well. It finds the method by path and verb
   * of the request. Never rejects because of the answer.
   */
  faultsOf(seen: Seen): Promise<string[]>;
}

/**
 * A witness for one server. `openApi` is the document that it serves; undefined when it serves none, and then nothing is
 * held to it. Throws an Error when the document is none of OpenAPI 3.1.
 */
export function createWitness(descriptors: Descriptors, openApi: unknown): Witness {
  const find = atlas(descriptors.rpcs.values());
  const document = openApi === undefined ? undefined : documentLaws(openApi);
  const holdProblem = problemLaws(descriptors, document?.reasons);
  return {
    async faultsOf(seen) {
      const faults: string[] = [];
      const tell = (fault: string): void => void faults.push(fault);
      const sighted = await sighting(descriptors, find, seen, tell);
      const { rpc, isProblem } = sighted;
      const hasMessage = isProblem || (rpc !== undefined && rpc.success !== 204);
      headerLaws(sighted, tell);
      bodyLaws(sighted, tell);
      typeLaws(
        sighted,
        isProblem ? descriptors.problem.typeName : hasMessage ? rpc?.response.typeName : undefined,
        tell,
      );
      successLaws(sighted, tell);
      holdProblem(sighted, tell);
      document?.hold(sighted, tell);
      return faults;
    },
  };
}
