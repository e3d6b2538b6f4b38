// Holds the enums of the golden files against today's: bytes carry numbers, both kinds of JSON carry names.
import type { FileRegistry } from "@bufbuild/protobuf";
import type { CodecName } from "../client/encoding.js";
import { findingOf, notGolden, released, short, type Clients, type Finding, type Notice } from "./finding.js";
import type { Golden, GoldenEnum } from "./golden.js";

/** What released clients notice of today's enums, by the full name of the enum; only those with findings are there. */
export function checkEnums(registry: FileRegistry, golden: Golden, clients: Clients): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const old of golden.enums.values()) {
    const findings = checkEnum(registry, old, clients);
    if (findings.length > 0) found.set(old.enum, findings);
  }
  return found;
}

/** What of today's enums no golden file shows. */
export function newEnums(golden: Golden, today: Golden): Finding[] {
  return [...today.enums.values()].flatMap(({ enum: name, values }) => {
    const old = golden.enums.get(name);
    if (!old) return [notGolden(short(name))];
    const numbers = new Set(Object.values(old.values));
    return Object.entries(values)
      .filter(([value, number]) => !(value in old.values) && !numbers.has(number))
      .map(([value, number]) => notGolden(`${short(name)}.${value} (${number})`));
  });
}

function checkEnum(registry: FileRegistry, old: GoldenEnum, clients: Clients): Finding[] {
  const today = registry.getEnum(old.enum)?.values;
  if (!today)
    return [{ kind: "broken", sentence: `${short(old.enum)} is gone: ${released(clients)} still send or read it` }];
  return Object.entries(old.values).flatMap(([name, number]) => {
    const byName = today.find((value) => value.name === name);
    const byNumber = today.filter((value) => value.number === number);
    if (byName?.number === number) return [];
    const subject = `${short(old.enum)}.${name}`;
    if (byName) {
      const notice: Notice =
        byNumber.length > 0 ? { what: "taken", by: byNumber[0]!.name } : { what: "refused", text: String(number) };
      return [findingOf(`${subject} is now ${byName.number}, was ${number}`, new Map([["protobuf", notice]]), clients)];
    }
    const unknown: Notice = { what: "unknown", key: name };
    const notices = new Map<CodecName, Notice>([
      ["json", unknown],
      ["protojson", unknown],
    ]);
    if (byNumber.length > 0)
      return [findingOf(`${subject} (${number}) is now called ${byNumber[0]!.name}`, notices, clients)];
    notices.set("protobuf", { what: "refused", text: String(number) });
    return [findingOf(`${subject} (${number}) is gone`, notices, clients)];
  });
}
