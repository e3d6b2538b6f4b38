// A client that checks every response against the invariants of the contract, and against the server's OpenAPI document.
import { Client, type ClientHooks } from "../client/client.js";
import type { Descriptors } from "../client/descriptors.js";
import { exchange } from "../client/exchange.js";
import { createInvariants, type Invariants } from "../invariants/invariants.js";

/** The server cannot be reached, or does not serve this contract; the message is the reason. */
export class NoServer extends Error {}

/** A document of the server. Rejects with NoServer. */
export async function documentOf(url: string, path: string): Promise<Buffer> {
  const answer = await exchange(url, { verb: "GET", path }).catch((error: Error) => {
    throw new NoServer(`There is no server at ${url} (${error.message || "it is not reachable"})`);
  });
  if (answer.status !== 200)
    throw new NoServer(`${url}${path} answers ${answer.status}: is this a server of this contract?`);
  return answer.body;
}

/** A client of a server whose OpenAPI document is at the path `openApi`. Rejects with NoServer. */
export async function checkedClient(
  url: string,
  descriptors: Descriptors,
  openApi: string,
  hooks: ClientHooks = {},
): Promise<Client> {
  const text = (await documentOf(url, openApi)).toString("utf8");
  const invariants = invariantsOf(text, descriptors, `${url}${openApi}`);
  return new Client(url, descriptors, {
    ...hooks,
    faultsOf: (exchange) => invariants.faultsOf(exchange),
    faultsOfResult: (result) => invariants.faultsOfResult(result),
  });
}

function invariantsOf(text: string, descriptors: Descriptors, place: string): Invariants {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new NoServer(`${place} is not JSON: is this a server of this contract?`);
  }
  try {
    return createInvariants(descriptors, document);
  } catch (error) {
    throw new NoServer(`${place}: ${(error as Error).message}`);
  }
}
