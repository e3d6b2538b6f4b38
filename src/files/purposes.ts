// What is taken for each purpose: how large, and of which types by the content.
import { ApiError } from "../errors.js";
import type { FilePurpose } from "../gen/lyceum/v1/file.js";
import { isTextType } from "../platform/media/text-types.js";

interface Rule {
  /** In bytes; without it the limit of the server alone. */
  readonly most?: number;
  readonly takes: (mediaType: string) => boolean;
  /** The types that it takes, where they are few. */
  readonly types: readonly string[];
}

const mebi = 1024 * 1024;
const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const proofs = ["image/png", "image/jpeg", "application/pdf"];

const rules: Readonly<Record<FilePurpose, Rule>> = {
  FILE_PURPOSE_ATTACHMENT: { takes: () => true, types: [] },
  FILE_PURPOSE_AVATAR: { most: 10 * mebi, takes: (type) => pictures.includes(type), types: pictures },
  FILE_PURPOSE_DIPLOMA: { takes: (type) => proofs.includes(type), types: proofs },
  FILE_PURPOSE_SOURCE: { most: mebi, takes: isTextType, types: ["text/plain"] },
};

/** The largest file of a purpose, in bytes, beside the limit of the server. */
export function largest(purpose: FilePurpose): number {
  return rules[purpose].most ?? Infinity;
}

/** Throws FILE_TYPE_NOT_ALLOWED for a file that by its content is of a type that the purpose does not permit. */
export function requireType(purpose: FilePurpose, mediaType: string): void {
  const { takes, types } = rules[purpose];
  if (takes(mediaType)) return;
  const supported = types.join(", ");
  throw new ApiError("FILE_TYPE_NOT_ALLOWED", `The content is ${mediaType}, and what is taken is ${supported}`, {
    supported: types,
  });
}
