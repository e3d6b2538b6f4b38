// Pages and scripts, in every spelling that some browser was once seen to read.
import { page, script } from "./hostile-file.js";

function utf16(text: string, isBig: boolean, hasMark: boolean): Buffer {
  const bytes = Buffer.from(`${hasMark ? "\ufeff" : ""}${text}`, "utf16le");
  return isBig ? bytes.swap16() : bytes;
}

function utf32(text: string): Buffer {
  return Buffer.concat(
    [..."\ufeff", ...text].map((letter) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(letter.codePointAt(0)!);
      return bytes;
    }),
  );
}

/** By what they are. */
export const pages: Readonly<Record<string, string | Buffer>> = {
  "a page": page,
  "a script element": script,
  "a page behind spaces": `\n\t \f\r ${page}`,
  "a page behind a comment": `<!--${" ".repeat(600)}-->${page}`,
  "a page behind 5,000 letters": `${"x".repeat(5000)}${page}`,
  "a page behind 20,000 letters": `${"x".repeat(20_000)}${page}`,
  "a page with a mark of UTF-8": `\ufeff${page}`,
  "a page in UTF-16 with a mark": utf16(page, false, true),
  "a page in UTF-16 of the other order with a mark": utf16(page, true, true),
  "a page in UTF-16 without a mark": utf16(page, false, false),
  "a page in UTF-16 of the other order without a mark": utf16(page, true, false),
  "a page in UTF-32": utf32(page),
  "a page in UTF-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
  "a page in UTF-7 with a mark": "+/v8-+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
  "a page that says UTF-7": `<meta charset=utf-7>+ADw-script+AD4-alert(1)+ADw-/script+AD4-`,
  "a page in ISO-2022-JP": "<meta charset=iso-2022-jp>\x1b$B\x1b(B<script>alert(1)</script>",
  "a page in Windows-1251": Buffer.concat([Buffer.from([0xcf, 0xf0, 0xe8]), Buffer.from(page)]),
  "a page in EBCDIC": Buffer.from("4c83998997a36e8193859983a34d f15d4c61a2839989 97a36e".replaceAll(" ", ""), "hex"),
  "a page with NUL bytes between its letters": page.split("").join("\0"),
  "a page with overlong slashes": Buffer.concat([
    Buffer.from("<script>1<"),
    Buffer.from([0xc0, 0xaf]),
    Buffer.from("script>"),
  ]),
  "a page behind a NUL": `\0${page}`,
  XHTML: `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`,
  "an SVG with a script": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`,
  "an SVG behind a declaration": `<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`,
  "an SVG that loads a file": `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="file:///etc/passwd"/></svg>`,
  "an SVG of foreign objects": `<svg xmlns="http://www.w3.org/2000/svg"><foreignObject>${page}</foreignObject></svg>`,
  "XML with an outer entity": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`,
  "XML of a billion laughs": `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${[..."bcdefghij"].map((name, index) => `<!ENTITY ${name} "${`&${"abcdefghi"[index]};`.repeat(10)}">`).join("")}]><l>&j;</l>`,
  "XML with a style sheet of scripts": `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#x"?><x>${script}</x>`,
  "a style sheet of XSLT": `<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">${script}</xsl:stylesheet>`,
  "MathML with a link": `<math xmlns="http://www.w3.org/1998/Math/MathML"><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>`,
  JavaScript: "alert(document.domain)",
  "a module of JavaScript": "import 'data:text/javascript,alert(1)';",
  "a service worker": "self.addEventListener('fetch', (event) => event.respondWith(new Response('x')));",
  "a style sheet": "body{background:url(javascript:alert(1));behavior:url(#x)}",
  "a page as an e-mail": `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n${page}\r\n--x--`,
  "a feed": `<rss version="2.0"><channel><title>${script}</title></channel></rss>`,
  "a calendar with a page": `BEGIN:VCALENDAR\nX-ALT-DESC;FMTTYPE=text/html:${page}\nEND:VCALENDAR`,
  "a card of a person": `BEGIN:VCARD\nURL:javascript:alert(1)\nEND:VCARD`,
  "a shortcut": "[InternetShortcut]\nURL=javascript:alert(1)",
  "a manifest of an application": `{"start_url":"javascript:alert(1)"}`,
  "a program of PHP": "<?php system($_GET['c']); ?>",
  "a program of ASP": `<%@ Page Language="C#" %>${script}`,
  "a program of the shell": "#!/bin/sh\nid\n",
  "a formula for a table": "=cmd|' /C calc'!A0,@SUM(1),+1,-1",
  "a pattern of bidi controls": "\u202e}if (isAdmin)\u2066 begin\u2069\u2066",
  "a text that ends within a letter": Buffer.concat([Buffer.from(page), Buffer.from([0xe2, 0x82])]),
  "a text of surrogates in UTF-8": Buffer.concat([Buffer.from(page), Buffer.from([0xed, 0xa0, 0x80])]),
  nothing: "",
  "one byte": "<",
  "one NUL": "\0",
};
