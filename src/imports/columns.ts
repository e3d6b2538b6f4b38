// The columns of an import: their names, and where they are in a file.
/** The columns by their English names, and the Russian ones of each. A name has no case, and a space, a hyphen and "_" are one. */
const names = {
  email: ["e_mail", "почта", "электронная_почта"],
  first_name: ["имя"],
  last_name: ["фамилия"],
  patronymic_name: ["отчество"],
  role: ["роль"],
  class: ["класс"],
  group: ["группа"],
  password: ["пароль"],
  invite: ["приглашение"],
} as const;

export type Column = keyof typeof names;

/** All columns, those of an export first. */
export const columns = Object.keys(names) as Column[];

const required: readonly Column[] = ["email", "first_name", "last_name"];

const byName = new Map<string, Column>(
  columns.flatMap((column) => [column, ...names[column]].map((name): [string, Column] => [name, column])),
);

/** The index of each column that a file has. */
export type Positions = ReadonlyMap<Column, number>;

/** A rule that the first line breaks, for all columns that break it. */
export interface HeaderFault {
  readonly rule: string;
  readonly message: string;
}

export interface Header {
  readonly positions: Positions;
  /** How many cells the first line has. */
  readonly width: number;
  /** What is wrong with it. No value of the file is in it: a file without a first line of names could have a password there. */
  readonly faults: readonly HeaderFault[];
}

/** Reads the first line of a file. */
export function readHeader(cells: readonly string[]): Header {
  const positions = new Map<Column, number>();
  const unknown: number[] = [];
  const repeated = new Set<Column>();
  const width = cells.findLastIndex((cell) => cell.trim() !== "") + 1;
  cells.slice(0, width).forEach((cell, at) => {
    const column = byName.get(
      cell
        .trim()
        .toLowerCase()
        .replaceAll(/[\s_-]+/g, "_"),
    );
    if (!column) unknown.push(at + 1);
    else if (positions.has(column)) repeated.add(column);
    else positions.set(column, at);
  });
  const missing = required.filter((column) => !positions.has(column));
  const faults = [
    fault("csv.unknown_column", unknown.slice(0, 20), `are not among the columns: ${columns.join(", ")}`),
    fault("csv.repeated_column", [...repeated], "are there more than once"),
    fault("csv.missing_column", missing, "are missing"),
  ];
  return { positions, width, faults: faults.flat() };
}

function fault(rule: string, which: readonly (Column | number)[], what: string): HeaderFault[] {
  return which.length === 0 ? [] : [{ rule, message: `the columns ${which.join(", ")} ${what}` }];
}
