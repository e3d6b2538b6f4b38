// The messages of kinds.proto, as the server reads them and as @bufbuild/protobuf does.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type protobuf from "protobufjs";
import { loadContract } from "../../src/contract/load.js";
import { ApiError } from "../../src/errors.js";

const protoDirectory = fileURLToPath(new URL("../../proto", import.meta.url));
export const kindsFile = fileURLToPath(new URL("kinds.proto", import.meta.url));

export const contract = loadContract(protoDirectory, new Map([["kinds.proto", readFileSync(kindsFile, "utf8")]]));

/** A message of kinds.proto. */
export function kind(name: string): protobuf.Type {
  return contract.root.lookupType(`lyceum.test.kinds.v1.${name}`);
}

/** Runs what must be refused as malformed, and answers with what the client reads. */
export function refusal(run: () => unknown): { detail: string; field: string; pointer: string; message: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.reason).to.equal("MALFORMED_REQUEST");
    const [violation, ...others] = error.more.violations ?? [];
    expect(others).to.deep.equal([]);
    expect(violation!.rule).to.equal("");
    return { detail: error.detail, field: violation!.field, pointer: violation!.pointer, message: violation!.message };
  }
  throw new Error("It was not refused");
}
