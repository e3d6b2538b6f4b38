// The pages of a list: whatever their size, all rows in the same order, each once.
import type { Plain } from "../../client/encoding.js";
import { show } from "../../match.js";
import type { Findings } from "../derivation.js";
import type { OpenedList } from "./opened-list.js";

/** Walks through every list of the suite in pages of several sizes, and through them while they grow and while their rows move. */
export async function checkPages(findings: Findings, list: OpenedList, most: number): Promise<void> {
  for (const [at, request] of list.requests.entries()) {
    const what = `the list ${show(request)}`;
    await findings.during(what, async () => {
      const whole = await list.walk(request, most);
      if (whole.length < 2) findings.add(what, [`the suite has ${whole.length} rows of it, and not at least 2`]);
      const repeated = whole.length - new Set(whole.map((row) => JSON.stringify(row))).size;
      if (repeated > 0) findings.add(what, [`${repeated} rows are there twice`]);
      await checkFirstPage(findings, list, what, request, whole);
      for (const size of sizesOf(whole.length, most, at)) {
        await findings.during(`${what} in pages of ${size}`, async () => {
          const rows = await list.walk(request, size);
          findings.add(`${what} in pages of ${size}`, apart(rows, whole));
        });
      }
      await checkSkips(findings, list, what, request, whole, most);
    });
  }
  await checkShared(findings, list, most);
  await checkGrowth(findings, list);
  await checkMoves(findings, list);
}

/** The rows of the first list are each there once, and in the same order, among those of others. */
async function checkShared(findings: Findings, list: OpenedList, most: number): Promise<void> {
  const { shared, requests, paging } = list;
  if (!shared) return;
  const what = `the list ${show(shared)} in pages of 5`;
  await findings.during(what, async () => {
    const own = (await list.walk(requests[0]!, most)).map((row) => JSON.stringify(row));
    const found: string[] = [];
    for (let next = "", turn = 0; turn < 100 && !found.includes(own.at(-1)!); turn++) {
      const page = await list.page({ ...shared, [paging.limit]: 5, ...(next && { [paging.token]: next }) });
      found.push(...page.rows.map((row) => JSON.stringify(row)).filter((row) => own.includes(row)));
      next = page.next;
      if (!next) break;
    }
    const faults =
      found.join() === own.join() ? [] : [`expected ${own.length} rows in their order, got ${found.length}`];
    findings.add(what, faults);
  });
}

/** The sizes: of a short list also one row; pages that are all full, with one row less, and with one more than all rows. */
function sizesOf(rows: number, most: number, at: number): number[] {
  const exact = rows % 2 === 0 ? rows / 2 : rows;
  const sizes = at === 0 && rows < 50 ? [1, 3, rows - 1, rows, rows + 1] : [7, exact, rows - 1, rows];
  return [...new Set(sizes)].filter((size) => size > 0 && size <= most);
}

/** Without a limit, a page has as many rows as the contract says. */
async function checkFirstPage(
  findings: Findings,
  list: OpenedList,
  what: string,
  request: Plain,
  whole: readonly Plain[],
): Promise<void> {
  const { usual } = list.paging;
  const { rows, next, curl } = await list.page(request);
  findings.add(`${what} without a limit`, apart(rows, whole.slice(0, usual)), curl);
  if ((next !== "") !== whole.length > usual)
    findings.add(`${what} without a limit`, [next ? "it has a next page" : "it has no next page"], curl);
  if (request === list.requests[0] && whole.length <= usual)
    findings.add(what, [`the suite has ${whole.length} rows of it, and not more than ${usual}`]);
}

async function checkSkips(
  findings: Findings,
  list: OpenedList,
  what: string,
  request: Plain,
  whole: readonly Plain[],
  most: number,
): Promise<void> {
  const { skip, limit } = list.paging;
  for (const count of [1, whole.length - 1, whole.length, whole.length + 7]) {
    const { rows, curl } = await list.page({ ...request, [skip]: count, [limit]: most });
    findings.add(`${what}, of which ${count} are skipped`, apart(rows, whole.slice(count, count + most)), curl);
  }
}

/** A row that is added after the first page neither hides nor repeats another one. */
async function checkGrowth(findings: Findings, list: OpenedList): Promise<void> {
  for (const [number, request] of list.requests.slice(0, list.growths).entries())
    await checkChange(findings, list, request, "while it grows", async (pages) => {
      if (pages === 1) await list.grow(number);
    });
}

/** Rows whose place changes after each page are each on one page all the same. */
async function checkMoves(findings: Findings, list: OpenedList): Promise<void> {
  if (!list.canMove) return;
  let moved = 0;
  for (const request of list.requests)
    await checkChange(findings, list, request, "while its rows move", () => list.move(moved++));
}

async function checkChange(
  findings: Findings,
  list: OpenedList,
  request: Plain,
  change: string,
  between: (pages: number) => Promise<void>,
): Promise<void> {
  const what = `the list ${show(request)} ${change}`;
  await findings.during(what, async () => {
    const whole = await list.walk(request, 7);
    const keyOf = keyIn(whole);
    const before = whole.map(keyOf);
    const during = (await list.walk(request, 7, between)).map(keyOf);
    const lost = before.filter((key) => !during.includes(key)).length;
    const twice = during.length - new Set(during).size;
    findings.add(what, [
      ...(lost > 0 ? [`${lost} rows are missing`] : []),
      ...(twice > 0 ? [`${twice} rows are there twice`] : []),
    ]);
  });
}

/**
 * What names a row: one of its ids that differs between rows, or, where it has none, of what stands in it. A count in a row may change
 * while the list grows.
 */
function keyIn(rows: readonly Plain[]): (row: Plain) => string {
  const isKey = (value: (row: Plain) => unknown): boolean => new Set(rows.map(value)).size === rows.length;
  const parts = Object.entries(rows[0] ?? {}).filter(([, value]) => typeof value === "object" && !Array.isArray(value));
  const values = [
    ...idsIn(rows[0]).map((name) => (row: Plain) => row[name]),
    ...parts.flatMap(([part, value]) =>
      idsIn(value as Plain).map((name) => (row: Plain) => (row[part] as Plain | undefined)?.[name]),
    ),
  ];
  const own = values.find(isKey);
  return (row) => JSON.stringify(own === undefined ? row : own(row));
}

const idsIn = (value: Plain = {}): string[] =>
  Object.keys(value).filter((name) => name === "id" || name.endsWith("_id"));

/** The first difference of two lists of rows. */
export function apart(actual: readonly Plain[], expected: readonly Plain[]): string[] {
  if (actual.length !== expected.length) return [`expected ${expected.length} rows, got ${actual.length}`];
  const at = actual.findIndex((row, index) => JSON.stringify(row) !== JSON.stringify(expected[index]));
  return at < 0 ? [] : [`row ${at + 1}: expected ${show(expected[at])}, got ${show(actual[at])}`];
}
