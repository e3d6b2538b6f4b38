// The contract as clients read it: the descriptor set that the server serves, read once in each process.
import { readFile } from "node:fs/promises";
import { readDescriptors, type Descriptors } from "../../runner/client/descriptors.js";
import { suite } from "../../suite/suite.js";

let descriptors: Promise<Descriptors> | undefined;

/** The descriptors of proto/annotated.binpb, which a law keeps equal to the .proto files. */
export function clientDescriptors(): Promise<Descriptors> {
  return (descriptors ??= readFile(suite.descriptorSet).then(readDescriptors));
}
