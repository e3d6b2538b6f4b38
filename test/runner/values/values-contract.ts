// The contract with the messages of rules.proto and kinds.proto, as the runner and as the server read it.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { DescMessage } from "@bufbuild/protobuf";
import type protobuf from "protobufjs";
import { readDescriptors, type Descriptors } from "../../../runner/client/descriptors.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { contractWith } from "../../support/contract-with.js";

const proto = fileURLToPath(new URL("../../../proto", import.meta.url));
const extra = ["validation/rules.proto", "codecs/kinds.proto"].map((name) =>
  fileURLToPath(new URL(`../../engine/${name}`, import.meta.url)),
);

/** The contract of the server. */
export const contract = loadContract(
  proto,
  new Map(extra.map((file) => [basename(file), readFileSync(file, "utf8")] as const)),
);

const ruled = [
  "Texts",
  "Numbers",
  "Colors",
  "Many",
  "Moments",
  "Bytes",
  "Spans",
  "Wrapped",
  "Held",
  "Musts",
  "Seen",
].map((name) => `lyceum.test.v1.${name}`);
const kinds = ["Kinds", "Bounded", "Anys", "Query"].map((name) => `lyceum.test.kinds.v1.${name}`);

/** The tested messages: every request that has fields, and those of rules.proto and kinds.proto. */
export const typeNames: readonly string[] = [
  ...new Set(contract.methods.map(({ request }) => request.fullName.slice(1))),
  ...ruled,
  ...kinds,
].filter((name, at, all) => all.indexOf(name) === at && contract.root.lookupType(name).fieldsArray.length > 0);

/** A message type of the server. */
export function serverType(name: string): protobuf.Type {
  return contract.root.lookupType(name);
}

let descriptors: Promise<Descriptors> | undefined;

/** The contract of the runner, built once. */
export function allDescriptors(): Promise<Descriptors> {
  return (descriptors ??= contractWith(...extra).then(readDescriptors));
}

/** A message type of the runner. */
export function runnerType({ registry }: Descriptors, name: string): DescMessage {
  const type = registry.getMessage(name);
  if (!type) throw new Error(`There is no message ${name}`);
  return type;
}
