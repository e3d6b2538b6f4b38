// The contract of the library as a folder of .proto files: its own, with the options and the Problem of Lyceum, and one
// further reason.
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../support/database.js";

const ours = fileURLToPath(new URL("../../../proto", import.meta.url));

const notFound = `
  // There is no such shelf.
  REASON_SHELF_NOT_FOUND = 9000 [
    (lyceum.v1.code) = NOT_FOUND,
    (lyceum.v1.status) = 404,
    (lyceum.v1.title) = "Shelf not found"
  ];
`;

/** Writes the folder; `change` may change the library's own file. */
export async function libraryProto(change: (text: string) => string = (text) => text): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(ours, "google"), join(folder, "google"), { recursive: true });
  await cp(join(ours, "buf"), join(folder, "buf"), { recursive: true });
  for (const name of ["option_types.proto", "options.proto", "problem.proto", "reason_options.proto", "scope.proto"])
    await cp(join(ours, "lyceum/v1", name), join(folder, "lyceum/v1", name));
  const problem = join(folder, "lyceum/v1/problem.proto");
  const text = await readFile(problem, "utf8");
  await writeFile(
    problem,
    text.replace(/(enum Reason \{[^]*?)\n\}/, (_, values: string) => `${values}${notFound}}`),
  );
  const own = await readFile(new URL("library.proto", import.meta.url), "utf8");
  await cp(fileURLToPath(new URL("library.proto", import.meta.url)), join(folder, "library/v1/library.proto"));
  await writeFile(join(folder, "library/v1/library.proto"), change(own));
  return folder;
}
