// A client behind which a witness stands: every answer is held to the laws of the wire and to the document of the server.
import { Client, type Onlooker } from "../client/client.js";
import type { Descriptors } from "../client/descriptors.js";
import { exchange } from "../client/exchange.js";
import { createWitness, type Witness } from "../invariants/invariants.js";

/** The server cannot be asked, or is none of this contract; the message says why. */
export class NoServer extends Error {}

/** A document that a server shows. Rejects with NoServer. */
export async function documentOf(url: string, path: string): Promise<Buffer> {
  const answer = await exchange(url, { verb: "GET", path }).catch((error: Error) => {
    throw new NoServer(`There is no server at ${url} (${error.message || "it cannot be reached"})`);
  });
  if (answer.status !== 200)
    throw new NoServer(`${url}${path} answers ${answer.status}: is this a server of this contract?`);
  return answer.body;
}

/** A client of a server, which shows its OpenAPI document at a path. Rejects with NoServer. */
export async function watchedClient(
  url: string,
  descriptors: Descriptors,
  openApi: string,
  onlooker: Onlooker = {},
): Promise<Client> {
  const text = (await documentOf(url, openApi)).toString("utf8");
  const witness = witnessOf(text, descriptors, `${url}${openApi}`);
  return new Client(url, descriptors, { ...onlooker, faultsOf: (seen) => witness.faultsOf(seen) });
}

function witnessOf(text: string, descriptors: Descriptors, place: string): Witness {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new NoServer(`${place} is no JSON: is this a server of this contract?`);
  }
  try {
    return createWitness(descriptors, document);
  } catch (error) {
    throw new NoServer(`${place}: ${(error as Error).message}`);
  }
}
