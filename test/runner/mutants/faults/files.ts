// Mutants of files: ranges, and on which condition there are any.
import type { MutantGroup } from "../mutant.js";

const download = "getFileContent a download of any media type";

export const fileMutants: MutantGroup = {
  name: "files",
  mutants: [
    {
      name: "ranges that touch are two",
      file: "contract/streams/byte-ranges",
      find: "range.start <= before.end + 1",
      replace: "range.start < before.end",
      grep: download,
      reports: /Range: bytes=0-0, 1-1,0-1: Content-Range: expected/,
    },
    {
      name: "a range beyond the end is ignored",
      file: "contract/streams/content-stream",
      find: "if (ranges?.length === 0)",
      replace: "if (ranges?.length === -1)",
      grep: download,
      reports: /expected 416 RANGE_NOT_SATISFIABLE, got/,
    },
    {
      name: "If-Range is not read",
      file: "contract/streams/content-stream",
      find: '(ifRange !== undefined && ifRange !== `"${tag}"`)',
      replace: "ifRange === tag",
      grep: download,
      reports: /If-Range: W\/.*: expected 200, got 206/,
    },
  ],
};
