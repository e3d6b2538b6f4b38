// The sample values of the golden files, of every type that the contract can have.
import { expect } from "chai";
import { codecNames, decode, encode } from "../../../runner/client/encoding.js";
import { sampleOf } from "../../../runner/golden/sample.js";
import { allDescriptors, runnerType } from "../values/values-contract.js";

describe("the golden samples", () => {
  it("are values of their field in every serialization, and not the default", async () => {
    const descriptors = await allDescriptors();
    const { registry } = descriptors;
    for (const field of ["Kinds", "Anys"].flatMap(
      (name) => runnerType(descriptors, `lyceum.test.kinds.v1.${name}`).fields,
    )) {
      const type = field.parent;
      const empty = decode(registry, type, Buffer.alloc(0), "protobuf");
      const bytes = encode(registry, type, { [field.name]: sampleOf(field) }, "protobuf");
      const value = decode(registry, type, bytes, "protobuf");
      expect(value[field.name], field.name).not.to.deep.equal(empty[field.name]);
      for (const codec of codecNames)
        expect(decode(registry, type, encode(registry, type, value, codec), codec), field.name).to.deep.equal(value);
    }
  });
});
