// A TypeScript file as the laws read it, parsed by the compiler: its imports, its texts as far as they are known before run
// time, the names that it declares, and its comments.
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import type { SourceTree } from "./source-tree.js";

const parsed = new Map<string, ts.SourceFile>();

/** The syntax of a file of a tree, parsed once for each text. Throws an Error when the tree does not have the file. */
export function parse(tree: SourceTree, path: string): ts.SourceFile {
  const text = tree.get(path);
  if (text === undefined) throw new Error(`there is no ${path}`);
  const known = parsed.get(path);
  if (known?.text === text) return known;
  const made = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  parsed.set(path, made);
  return made;
}

/** Every node below a node, parents first. */
export function nodesOf(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    nodes.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return nodes;
}

/** The modules that a file names: in imports, exports, `import()`, and `new URL(name, import.meta.url)`. */
export function specifiersOf(tree: SourceTree, path: string): string[] {
  const specifiers: string[] = [];
  for (const node of nodesOf(parse(tree, path))) {
    const literal = specifierIn(node);
    if (literal && ts.isStringLiteralLike(literal)) specifiers.push(literal.text);
  }
  return specifiers;
}

function specifierIn(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  const isUrl = ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "URL";
  return isUrl && node.arguments?.[1]?.getText() === "import.meta.url" ? node.arguments[0] : undefined;
}

/** The files of the tree that a file imports, each once. */
export function importsOf(tree: SourceTree, path: string): string[] {
  const targets = specifiersOf(tree, path)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) =>
      normalize(join(dirname(path), specifier))
        .replaceAll("\\", "/")
        .replace(/\.js$/, ".ts"),
    );
  return [...new Set(targets)].filter((target) => tree.has(target));
}

/** Stands for the parts of a text that are only known at run time. */
export const unknownPart = "\u{FFFC}";

/**
 * The texts of a file: literals and templates, joined by `+`, `join` and `concat`, with the values of constants of the same
 * file. Everything else is `unknownPart`.
 */
export function textsOf(tree: SourceTree, path: string): string[] {
  const source = parse(tree, path);
  const constants = constantsOf(source);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isModuleName(node)) return;
    const text = textOf(node, constants);
    if (text !== undefined) texts.push(text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function isModuleName(node: ts.Node): boolean {
  return ts.isImportDeclaration(node) || (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined);
}

/** The initializers of all constants of a file, by name. */
function constantsOf(source: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const constants = new Map<string, ts.Expression>();
  for (const node of nodesOf(source)) {
    if (!ts.isVariableDeclaration(node) || !node.initializer || !ts.isIdentifier(node.name)) continue;
    if ((ts.getCombinedNodeFlags(node) & ts.NodeFlags.Const) !== 0) constants.set(node.name.text, node.initializer);
  }
  return constants;
}

/** The text of an expression; undefined when it is not a text. */
function textOf(node: ts.Node, constants: ReadonlyMap<string, ts.Expression>, depth = 0): string | undefined {
  const known = (part: ts.Node): string => textOf(part, constants, depth + 1) ?? unknownPart;
  if (depth > 20) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => known(span.expression) + span.literal.text).join("");
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return textOf(node.expression, constants, depth);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [node.left, node.right].map((part) => textOf(part, constants, depth + 1));
    return left === undefined && right === undefined ? undefined : (left ?? unknownPart) + (right ?? unknownPart);
  }
  if (ts.isIdentifier(node) && depth > 0) {
    const value = constants.get(node.text);
    return value && textOf(value, constants, depth + 1);
  }
  return joinedTextOf(node, known);
}

/** `["insert into", "users"].join(" ")`, or `"insert into ".concat("users")`. */
function joinedTextOf(node: ts.Node, known: (part: ts.Node) => string): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { name, expression } = node.expression;
  if (name.text === "concat" && !ts.isArrayLiteralExpression(expression))
    return [expression, ...node.arguments].map(known).join("");
  const [separator] = node.arguments;
  if (name.text !== "join" || !ts.isArrayLiteralExpression(expression)) return undefined;
  if (!separator || !ts.isStringLiteralLike(separator)) return undefined;
  return expression.elements.map(known).join(separator.text);
}

/** The names that a file declares: of variables, parameters, functions, types, properties and methods. */
export function declaredNames(tree: SourceTree, path: string): string[] {
  const names: string[] = [];
  for (const node of nodesOf(parse(tree, path))) {
    const isDeclared =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionLike(node) ||
      ts.isClassLike(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isPropertyAssignment(node) ||
      ts.isImportSpecifier(node);
    if (isDeclared && node.name && (ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name)))
      names.push(node.name.text);
  }
  return names;
}

/** The comments of a file, with their marks. */
export function commentsOf(tree: SourceTree, path: string): string[] {
  const source = parse(tree, path);
  const comments: string[] = [];
  let from = 0;
  // Outside of literals, everything that has the form of a comment is one.
  const look = (to: number): void => {
    comments.push(...(source.text.slice(from, to).match(/\/\/.*|\/\*[^]*?\*\//g) ?? []));
  };
  for (const node of nodesOf(source)) {
    if (!ts.isLiteralExpression(node) && !ts.isTemplateHead(node) && !ts.isTemplateMiddleOrTemplateTail(node)) continue;
    look(node.getStart());
    from = node.end;
  }
  look(source.text.length);
  return comments;
}
