// A few hundred frames at random for each push; `make nightly` sends a hundred thousand.
import { expect } from "chai";
import { testServer, type TestServer } from "../../support/server.js";
import { fuzz } from "./fuzz.js";

describe("frames at random", function () {
  this.timeout(60_000);
  let server: TestServer;

  before(async () => {
    server = await testServer();
  });
  after(() => server.close());

  it("crash nothing, are no fault of the server, and close with the right code", async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const { faults, frames, statuses, codes } = await fuzz(server, 600, seed);
    expect(faults, `seed ${seed}`).to.deep.equal([]);
    expect(frames).to.be.at.least(600);
    // Some are right, some are wrong, and some end their socket: else nothing was tried.
    expect(Object.keys(statuses)).to.include.members(["200", "400", "422"]);
    expect(Object.keys(codes)).to.include.members(["1002", "1007"]);
  });
});
