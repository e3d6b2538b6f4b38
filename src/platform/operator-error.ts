// Faults that the operator can correct. Clients never see them.

/** Its message is one sentence that says what to do. A program prints it alone, without a stack, and exits with 1. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** The sentence for an error of the file system at `path`; undefined for an error that an operator cannot correct. */
export function fileTrouble(error: unknown, path: string): OperatorError | undefined {
  const { code = "", syscall } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  // Any other missing file may be a bug.
  const sentence = code === "ENOENT" && syscall !== "mkdir" ? undefined : sentences[code];
  return sentence === undefined ? undefined : new OperatorError(sentence(path), { cause: error });
}

const denied = (path: string): string =>
  `The folder ${path} cannot be read and written by this user: change its owner, or set DATA_DIR to another folder.`;

const sentences: Readonly<Record<string, (path: string) => string>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: (path) => `The folder ${path} is on a read-only disk: set DATA_DIR to a folder that can be written.`,
  ENOSPC: (path) => `The disk that holds ${path} is full: free some space and start again.`,
  EDQUOT: (path) => `The disk quota for ${path} is used up: free some space and start again.`,
  ENOENT: (path) => `No folder can be made at ${path}: set DATA_DIR to another folder.`,
  ENOTDIR: (path) => `${path} is not a folder: move the file away, or set DATA_DIR to another folder.`,
  EISDIR: (path) =>
    `${path} contains a folder in the place of a file: move it away, or set DATA_DIR to another folder.`,
  EEXIST: (path) => `${path} is not a folder: move the file away, or set DATA_DIR to another folder.`,
};
