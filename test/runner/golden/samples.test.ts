// The sample values of the golden files, of every type that the contract can have.
import { expect } from "chai";
import { codecNames, decode, encode } from "../../../runner/client/encoding.js";
import { sampleOf } from "../../../runner/golden/sample.js";
import { allDescriptors, runnerType } from "../values/values-contract.js";

describe("the golden samples", () => {
  it("are values of their field in every serialization, and not the default", async () => {
    const { registry } = await allDescriptors();
    const type = runnerType(await allDescriptors(), "lyceum.test.kinds.v1.Kinds");
    const empty = decode(registry, type, Buffer.alloc(0), "protobuf");
    for (const field of type.fields) {
      const bytes = encode(registry, type, { [field.name]: sampleOf(field) }, "protobuf");
      const value = decode(registry, type, bytes, "protobuf");
      expect(value[field.name], field.name).not.to.deep.equal(empty[field.name]);
      for (const codec of codecNames)
        expect(decode(registry, type, encode(registry, type, value, codec), codec), field.name).to.deep.equal(value);
    }
  });
});
