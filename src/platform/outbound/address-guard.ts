// Which network addresses the server may connect to when a user has named them: public ones, and those of the operator's own network
// where the operator allows that.
import { BlockList, isIP } from "node:net";

/** What the operator allows beside public addresses. */
export interface AddressPolicy {
  /** Whether loopback and private addresses are allowed (WEBHOOK_ALLOW_PRIVATE). */
  readonly isPrivateAllowed: boolean;
}

type Range = readonly [network: string, bits: number];

function blockListOf(v4: readonly Range[], v6: readonly Range[] = []): BlockList {
  const list = new BlockList();
  for (const [network, bits] of v4) list.addSubnet(network, bits, "ipv4");
  for (const [network, bits] of v6) list.addSubnet(network, bits, "ipv6");
  return list;
}

/** IPv4 that is not of the public internet: the registry of special addresses (RFC 6890), multicast, and the reserved rest. */
const special = blockListOf([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]);

/** The part of IPv6 that is given out. What is embedded in the rest (mapped, compatible, NAT64) is refused with it. */
const global = blockListOf([], [["2000::", 3]]);

/** What is special in it: Teredo and other protocols, documentation, 6to4, AS112. */
const specialGlobal = blockListOf(
  [],
  [
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["2620:4f:8000::", 48],
    ["3fff::", 20],
  ],
);

/** Of an operator's own network. Link-local addresses are not in it: clouds hand out credentials there. */
const own = blockListOf(
  [
    ["10.0.0.0", 8],
    ["127.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
  ],
  [
    ["::1", 128],
    ["fc00::", 7],
  ],
);

/** Whether the server may connect to an address, in the form that node:dns and URL give it; false for what is no address. */
export function isAllowed(address: string, { isPrivateAllowed }: AddressPolicy): boolean {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  // A BlockList would compare what is mapped with its IPv4 ranges.
  if (isPrivateAllowed && own.check(address, family) && !/^::ffff:/i.test(address)) return true;
  return version === 4
    ? !special.check(address, family)
    : global.check(address, family) && !specialGlobal.check(address, family);
}
