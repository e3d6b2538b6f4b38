// A strict parser of the XML of reports: elements, attributes, text and numeric references. It throws an Error at anything
// else, and at a document that is not well-formed.
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** The root of a document. */
export function readXml(document: string): Element {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(head)) throw new Error("no declaration");
  if (!legal.test(document)) throw new Error("a character that XML cannot hold");
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let rest = document.slice(head.length);
  while (rest !== "") {
    const here = open.at(-1)!;
    const [token, slash, name, list, empty] = /^<(\/?)(\w[\w-]*)((?: \w+="[^"<]*")*)(\/?)>/.exec(rest) ?? [];
    if (token === undefined) {
      const text = /^[^<]+/.exec(rest)?.[0];
      if (text === undefined || text.includes("]]>")) throw new Error(`not well-formed at ${rest.slice(0, 60)}`);
      here.text += unescaped(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n"));
      rest = rest.slice(text.length);
      continue;
    }
    rest = rest.slice(token.length);
    if (slash) {
      if (list || empty || open.length === 1 || open.pop()!.name !== name) throw new Error(`${token} closes nothing`);
      continue;
    }
    const element: Element = { name: name!, attributes: attributes(list!), children: [], text: "" };
    here.children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  if (root.children.length !== 1 || root.text.trim() !== "") throw new Error("not one root");
  return root.children[0]!;
}

function attributes(list: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of list.matchAll(/ (\w+)="([^"]*)"/g)) {
    if (name in found) throw new Error(`${name} comes twice`);
    found[name] = unescaped(value.replaceAll(/[\t\n\r]/g, " "));
  }
  return found;
}

function unescaped(text: string): string {
  const plain = text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  if (/&(?!#\d+;)/.test(text)) throw new Error(`a bare ampersand: ${text}`);
  if (!legal.test(plain)) throw new Error("a reference to a character that XML cannot hold");
  return plain;
}

/** Every element of that name, in order. */
export function elements(within: Element, name: string): Element[] {
  return within.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elements(child, name)]);
}
