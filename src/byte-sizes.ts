// Numbers of bytes in the configuration: 256KiB, 25MiB or 262144.

export const mebi = 1024 * 1024;

/** A number of bytes, of KiB or of MiB, within bounds. Adds a fault, and returns 0, for anything else. */
export function readBytes(name: string, value: string, min: number, max: number, faults: string[]): number {
  const match = /^(\d{1,15})\s*(KiB|MiB)?$/.exec(value);
  const bytes = match ? Number(match[1]) * (match[2] === "MiB" ? mebi : match[2] === "KiB" ? 1024 : 1) : 0;
  if (bytes >= min && bytes <= max) return bytes;
  const sizeOf = (size: number): string => (size % mebi === 0 ? `${size / mebi}MiB` : `${size / 1024}KiB`);
  faults.push(`${name} must be a size from ${sizeOf(min)} to ${sizeOf(max)}, such as 256KiB or 262144`);
  return 0;
}
