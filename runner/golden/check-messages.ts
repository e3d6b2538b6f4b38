// Compares the messages of the golden files with today's: first their declarations, then their encodings.
import type { DescField, DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { codecNames, type CodecName } from "../client/encoding.js";
import { findingOf, unrecorded, released, short, type Clients, type Finding, type Effect } from "./finding.js";
import { typeText, type Golden, type GoldenMessage } from "./golden.js";
import { replayField, replayWhole } from "./replay.js";

/**
 * The effects of today's messages on released clients. `touched` are the enums with findings of their own: the fields of
 * these enums are not reported again.
 */
export function checkMessages(
  registry: FileRegistry,
  golden: Golden,
  touched: ReadonlySet<string>,
  clients: Clients,
): Finding[] {
  const findings: Finding[] = [];
  const changed = new Set(touched);
  const pairs = [...golden.messages.values()].map((old) => ({ old, type: registry.getMessage(old.message) }));
  for (const { old, type } of pairs) {
    const found = type ? checkFields(registry, type, old, golden, clients) : [gone(old, clients)];
    if (found.length > 0) changed.add(old.message);
    findings.push(...found);
  }
  for (const { old, type } of pairs)
    if (type && !changed.has(old.message)) findings.push(...checkWire(registry, type, old, golden, changed, clients));
  return findings;
}

/** Today's messages and fields that are not in the golden files. */
export function newMessages(golden: Golden, today: Golden): Finding[] {
  return [...today.messages.values()].flatMap(({ message, fields }) => {
    const old = golden.messages.get(message);
    if (!old) return [unrecorded(short(message))];
    const numbers = new Set(Object.values(old.fields).map(({ number }) => number));
    return Object.entries(fields)
      .filter(([name, { number }]) => !(name in old.fields) && !numbers.has(number))
      .map(([name, { number }]) => unrecorded(`${short(message)}.${name} (field ${number})`));
  });
}

function gone({ message }: GoldenMessage, clients: Clients): Finding {
  return { kind: "broken", sentence: `${short(message)} is gone: ${released(clients)} still send or read it` };
}

function checkFields(
  registry: FileRegistry,
  type: DescMessage,
  old: GoldenMessage,
  golden: Golden,
  clients: Clients,
): Finding[] {
  return Object.entries(old.fields).flatMap(([name, field]) => {
    const byName = type.fields.find((today) => today.name === name);
    const today = byName ?? type.fields.find((today) => today.number === field.number);
    const happened = today ? changes(name, field, today) : ["is gone"];
    if (happened.length === 0) return [];
    const effects = new Map(replayField(registry, type, old, name, numbersOf(golden, field.type)));
    for (const [codec, effect] of today ? presence(field.type, typeText(today)) : [])
      if (!effects.has(codec)) effects.set(codec, effect);
    return [
      findingOf(`${short(old.message)}.${name} (field ${field.number}) ${happened.join(", and ")}`, effects, clients),
    ];
  });
}

function changes(name: string, old: { number: number; type: string }, today: DescField): string[] {
  const type = typeText(today);
  return [
    ...(today.name === name ? [] : [`is now called ${today.name}`]),
    ...(today.number === old.number ? [] : [`is now field ${today.number}`]),
    ...(type === old.type ? [] : [`is ${short(type)}, was ${short(old.type)}`]),
  ];
}

/** Effects that no value shows: whether a field can be unset, and what else is unset with it. */
function presence(old: string, today: string): [CodecName, Effect][] {
  const isOptional = (type: string): boolean => /^optional | in oneof /.test(type);
  if (!old.includes(" in oneof ") && today.includes(" in oneof "))
    return codecNames.map((codec) => [codec, { what: "crowded" }]);
  if (isOptional(old) && !isOptional(today)) return codecNames.map((codec) => [codec, { what: "emptied" }]);
  // json is the only serialization that contains every default.
  return !isOptional(old) && isOptional(today) ? [["json", { what: "missed" }]] : [];
}

/** Fields with the same declaration and another encoding. */
function checkWire(
  registry: FileRegistry,
  type: DescMessage,
  old: GoldenMessage,
  golden: Golden,
  changed: ReadonlySet<string>,
  clients: Clients,
): Finding[] {
  const fields = Object.entries(old.fields);
  const found = fields.flatMap(([name, { number, type: text }]) => {
    if (changed.has(elementType(text))) return [];
    const effects = replayField(registry, type, old, name, numbersOf(golden, text));
    const happened = `${short(old.message)}.${name} (field ${number}) is encoded differently`;
    return effects.size > 0 ? [findingOf(happened, effects, clients)] : [];
  });
  if (found.length > 0 || fields.some(([, { type: text }]) => changed.has(elementType(text)))) return found;
  return old.whole.flatMap((whole) => {
    const effects = replayWhole(registry, type, whole);
    const happened = `${short(old.message)} with all fields set is encoded differently`;
    return effects.size > 0 ? [findingOf(happened, effects, clients)] : [];
  });
}

/** The numbers of the enum's names, when a field was an enum. */
function numbersOf(golden: Golden, type: string): Readonly<Record<string, number>> {
  return golden.enums.get(elementType(type))?.values ?? {};
}

/** The message, enum or scalar of a field's values. */
function elementType(type: string): string {
  return type.replace(/^(?:optional |repeated |map<\w+, )/, "").replace(/>$| in oneof .*$/, "");
}
