// Who may call what is written down for each rpc: permissions.txt, which test/permissions/ plays.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract } from "../../../src/contract/model/load.js";
import { requests } from "../../permissions/requests.js";
import { permissions, readPermissions } from "../../permissions/table.js";

describe("the permissions", () => {
  const { methods } = loadContract(fileURLToPath(new URL("../../../proto", import.meta.url)));
  const names = methods.map(({ handler }) => handler).sort();

  it("have a row for each rpc, and a request that plays it", () => {
    expect([...permissions.rows.keys()].sort()).to.deep.equal(names);
    expect(Object.keys(requests).sort()).to.deep.equal(names);
  });

  it("are refused with a row that is incomplete, written twice, or in other words", () => {
    expect(() => readPermissions("a b\nX yes perhaps")).to.throw("the row of X");
    expect(() => readPermissions("a b\nX yes")).to.throw("the row of X");
    expect(() => readPermissions("a\nX yes\nX yes")).to.throw("X has two rows");
  });
});
