// The position and the length of a page have one form in every store: the KeysetPage of src/platform/page.ts.
import ts from "typescript";
import { declareLaw } from "./tree/declare-law.js";
import { nameOf, scripts } from "./tree/source-tree.js";
import { nodesOf, parse, textsOf, unknownPart } from "./tree/syntax.js";

/** Names of a position in a list, of its direction and of the length of a page. */
const position = /^(?:after|before|behind|beyond|from|cursor|limit|rows|is_?(?:oldest|newest)_?first)$/i;

const limited = new RegExp(`\\blimit\\s+(?:\\$\\d|${unknownPart})`, "i");
const writing = /\b(?:insert\s+into|update|delete\s+from)\b/i;

/** The names of positions that exported list functions of a file take outside a KeysetPage. */
function positionsIn(source: ts.SourceFile): string[] {
  const exported = source.statements
    .filter(ts.isFunctionDeclaration)
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
  return exported
    .filter(({ name }) => name?.text.startsWith("list"))
    .flatMap(({ parameters }) => Array.from(parameters))
    .filter(({ type }) => !isKeysetPage(type))
    .flatMap(({ name, type }) => namesIn(name).concat(membersOf(type, source)))
    .filter((name) => position.test(name));
}

function isKeysetPage(type: ts.Node | undefined): boolean {
  return type !== undefined && /\bKeysetPage\b/.test(type.getText());
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

/** The members of a type: a type literal, or a type that the same file declares. */
function membersOf(type: ts.TypeNode | undefined, source: ts.SourceFile): string[] {
  if (type === undefined) return [];
  const declared = source.statements.filter(
    (node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node),
  );
  const own = declared.filter(({ name }) => ts.isTypeReferenceNode(type) && type.typeName.getText() === name.text);
  return [type, ...own]
    .flatMap((node) => nodesOf(node))
    .filter(ts.isPropertySignature)
    .map(({ name }) => name.getText());
}

declareLaw(
  "a store's lists begin where a KeysetPage says, and are as long",
  (tree) =>
    scripts(tree, "src")
      .filter((path) => !path.startsWith("src/platform/") && /(^|-)store\.ts$/.test(nameOf(path)))
      .flatMap((path) => {
        const source = parse(tree, path);
        const isLimited = textsOf(tree, path).some((text) => limited.test(text) && !writing.test(text));
        const hasPage = nodesOf(source).some((node) => ts.isTypeReferenceNode(node) && isKeysetPage(node));
        const faults = [...new Set(positionsIn(source))].map(
          (name) => `${path} takes ${name} where a KeysetPage belongs`,
        );
        return faults.concat(isLimited && !hasPage ? `${path} limits a list without a KeysetPage` : []);
      }),
  {
    broken: {
      "a position of its own: as a parameter, in a pattern, in a type": {
        files: {
          "src/chats/store.ts": "export function listChats(queries: Queries, behind: PageKey | undefined) {}",
          "src/files/store.ts": "export async function listFiles(queries: Queries, after: number, limit: number) {}",
          "src/posts/store.ts": "export function listPosts(span: { readonly limit: number }) {}",
          "src/users/store.ts": `export function listUsers({ from }: Stretch) {}
             interface Stretch { readonly from: number; readonly rows: number }`,
        },
        finds: [
          "src/chats/store.ts takes behind where a KeysetPage belongs",
          "src/files/store.ts takes after where a KeysetPage belongs",
          "src/files/store.ts takes limit where a KeysetPage belongs",
          "src/posts/store.ts takes limit where a KeysetPage belongs",
          "src/users/store.ts takes from where a KeysetPage belongs",
          "src/users/store.ts takes rows where a KeysetPage belongs",
        ],
      },
      "a statement with a limit": {
        files: { "src/medals/new-store.ts": 'const s = "select id from medals where id > $1 limit $2";' },
        finds: ["src/medals/new-store.ts limits a list without a KeysetPage"],
      },
    },
    kept: {
      "a KeysetPage, whole or taken apart; a limit that is a number; other functions and statements": {
        "src/chats/store.ts": `export function listChats(queries: Queries, { after, limit }: KeysetPage<Key>) {}
           const s = "select id from chats limit $2";`,
        "src/users/store.ts": `export function listUsers(queries: Queries, page: KeysetPage, skip: number) {}
           const s = \`limit \${page.limit}\`;`,
        "src/files/store.ts": `const s = "select id from files limit 1"; const name = { after: 1 };
           interface Row { readonly limit: number } export function findRow(from: number): Row {}
           function listStatement(isOldestFirst: boolean) {}
           const sweep = "delete from files where id in (select id from files limit $1 for update skip locked)";`,
      },
    },
  },
);
