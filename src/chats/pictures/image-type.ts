// The media type of an image by its first bytes: what a client claims of a file is not believed.

export const imageTypes: readonly string[] = ["image/png", "image/jpeg", "image/webp"];

/** "image/png", "image/jpeg" or "image/webp"; undefined for anything else. Looks at the signature alone. */
export function imageTypeOf(data: Buffer): string | undefined {
  if (startsWith(data, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (startsWith(data, 0, [0xff, 0xd8, 0xff])) return "image/jpeg";
  const isRiff = startsWith(data, 0, [...Buffer.from("RIFF")]);
  return isRiff && startsWith(data, 8, [...Buffer.from("WEBP")]) ? "image/webp" : undefined;
}

function startsWith(data: Buffer, at: number, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => data[at + index] === byte);
}
