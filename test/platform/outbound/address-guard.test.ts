// Which addresses are allowed, compared with the ranges that another library knows.
import { expect } from "chai";
import ipaddr from "ipaddr.js";
import { isAllowed } from "../../../src/platform/outbound/address-guard.js";

const strict = { isPrivateAllowed: false };
const own = { isPrivateAllowed: true };

/** Numbers that are the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Addresses everywhere, and at the edges of what the library has a name for. */
function samples(): string[] {
  const random = numbers(7);
  const byte = (): number => Math.floor(random.next().value * 256);
  const v4 = Array.from({ length: 20_000 }, () => [byte(), byte(), byte(), byte()].join("."));
  const parts = (count: number): number[] => Array.from({ length: count }, () => byte() * 256 + byte());
  const v6 = Array.from({ length: 20_000 }, () =>
    ipaddr.fromByteArray(parts(8).flatMap((each) => [each >> 8, each & 255])),
  );
  const heads = [
    "2001:",
    "2002:",
    "3fff:",
    "64:ff9b:",
    "fe80:",
    "fc00:",
    "fd12:",
    "ff02:",
    "::ffff:",
    "2620:4f:8000:",
    "2a00:",
    "2606:",
  ];
  const inRanges = heads.flatMap((head) =>
    Array.from({ length: 500 }, () =>
      ipaddr.parse(
        `${head}${head === "::ffff:" ? "" : ":"}${parts(2)
          .map((each) => each.toString(16))
          .join(":")}`,
      ),
    ),
  );
  return [...v4, ...v6.map(String), ...inRanges.map(String)];
}

describe("the addresses that requests may go to", () => {
  it("are public by the ranges of ipaddr.js too, and all that is public there is allowed but what we refuse beside", () => {
    // Given out for tunnels and name servers (AS112, AMT, 6to4), which nobody serves anything on.
    const ours = /^(?:192\.88\.99\.|192\.31\.196\.|192\.175\.48\.|192\.52\.193\.|2001:|2620:4f:8000:)/;
    const given = (address: string): boolean => {
      const read = ipaddr.parse(address);
      return (
        read.range() === "unicast" &&
        (read.kind() === "ipv4" || (read as ipaddr.IPv6).match(ipaddr.IPv6.parse("2000::"), 3))
      );
    };
    const all = samples();
    const wrong = all.filter((address) => isAllowed(address, strict) !== given(address) && !ours.test(address));
    expect(wrong).to.deep.equal([]);
    const allowed = all.filter((address) => isAllowed(address, strict));
    expect(allowed.length).to.be.above(10_000);
    expect(allowed.filter((address) => !given(address))).to.deep.equal([]);
  });

  for (const address of [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
  ])
    it(`${address} is public`, () => expect(isAllowed(address, strict)).to.equal(true));

  for (const address of `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.8 192.0.2.1 192.168.1.1 198.18.0.1
    198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8
    64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1
    ff02::1 fe80::1%lo localhost`.split(/\s+/))
    it(`${address} is not`, () => expect(isAllowed(address, strict)).to.equal(false));

  it("are those of the operator's own network too, where they allow it, and never those that clouds hand out credentials at", () => {
    const allowed = ["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "::1", "fd12::1", "8.8.8.8"];
    expect(allowed.filter((address) => !isAllowed(address, own))).to.deep.equal([]);
    const refused = `169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 255.255.255.255 fe80::1 ff02::1 :: ::ffff:127.0.0.1
      ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::1`.split(/\s+/);
    expect(refused.filter((address) => isAllowed(address, own))).to.deep.equal([]);
  });
});
