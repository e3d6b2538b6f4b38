// Compares the enums of the golden files with today's: protobuf has their numbers, both JSON formats have their names.
import type { FileRegistry } from "@bufbuild/protobuf";
import type { CodecName } from "../client/encoding.js";
import { findingOf, unrecorded, released, short, type Clients, type Finding, type Effect } from "./finding.js";
import type { Golden, GoldenEnum } from "./golden.js";

/** The effects on released clients, by the full name of the enum; enums without findings are left out. */
export function checkEnums(registry: FileRegistry, golden: Golden, clients: Clients): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const old of golden.enums.values()) {
    const findings = checkEnum(registry, old, clients);
    if (findings.length > 0) found.set(old.enum, findings);
  }
  return found;
}

/** Today's enums and values that are not in the golden files. */
export function newEnums(golden: Golden, today: Golden): Finding[] {
  return [...today.enums.values()].flatMap(({ enum: name, values }) => {
    const old = golden.enums.get(name);
    if (!old) return [unrecorded(short(name))];
    const numbers = new Set(Object.values(old.values));
    return Object.entries(values)
      .filter(([value, number]) => !(value in old.values) && !numbers.has(number))
      .map(([value, number]) => unrecorded(`${short(name)}.${value} (${number})`));
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
      const effect: Effect =
        byNumber.length > 0 ? { what: "taken", by: byNumber[0]!.name } : { what: "refused", text: String(number) };
      return [findingOf(`${subject} is now ${byName.number}, was ${number}`, new Map([["protobuf", effect]]), clients)];
    }
    const unknown: Effect = { what: "unknown", key: name };
    const effects = new Map<CodecName, Effect>([
      ["json", unknown],
      ["protojson", unknown],
    ]);
    if (byNumber.length > 0)
      return [findingOf(`${subject} (${number}) is now called ${byNumber[0]!.name}`, effects, clients)];
    effects.set("protobuf", { what: "refused", text: String(number) });
    return [findingOf(`${subject} (${number}) is gone`, effects, clients)];
  });
}
