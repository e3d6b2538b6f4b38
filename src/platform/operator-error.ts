// Trouble that the person who runs the server can put right. Nothing a client ever sees.

/** Its message is one plain sentence that says what to do; a program prints it alone, without a stack, and exits with 1. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** The sentence for an error of the file system about `path`; undefined when it is none that a person can put right. */
export function fileTrouble(error: unknown, path: string): OperatorError | undefined {
  const { code = "", syscall } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  // What else is not there may be a fault of ours.
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
  ENOTDIR: (path) =>
    `${path} is not a folder: move the file that stands in its way, or set DATA_DIR to another folder.`,
  EISDIR: (path) =>
    `A folder stands in ${path} where a file should be: move it away, or set DATA_DIR to another folder.`,
  EEXIST: (path) => `${path} is not a folder: move the file that stands in its way, or set DATA_DIR to another folder.`,
};
