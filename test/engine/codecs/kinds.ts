// The messages of kinds.proto, as the server reads them and as @bufbuild/protobuf does.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type protobuf from "protobufjs";
import { loadContract } from "../../../src/contract/model/load.js";
import { ApiError } from "../../../src/errors.js";

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));
export const kindsFile = fileURLToPath(new URL("kinds.proto", import.meta.url));

export const contract = loadContract(protoDirectory, new Map([["kinds.proto", readFileSync(kindsFile, "utf8")]]));

/** A message of kinds.proto. */
export function kind(name: string): protobuf.Type {
  return contract.root.lookupType(`lyceum.test.kinds.v1.${name}`);
}

/** Runs a function that must throw MALFORMED_REQUEST, and returns the texts that a client reads. */
export function refusal(run: () => unknown): { detail: string; field: string; pointer: string; message: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { reason, detail } = error;
    const violations = error.more.violations ?? [];
    const [violation] = violations;
    // It is called tens of thousands of times, and Chai takes longer than the reader.
    if (reason !== "MALFORMED_REQUEST" || violations.length !== 1 || violation!.rule !== "")
      expect({ reason, violations }).to.deep.equal({ reason: "MALFORMED_REQUEST", violations: "one, of no rule" });
    return { detail, field: violation!.field, pointer: violation!.pointer, message: violation!.message };
  }
  throw new Error("It was not refused");
}
