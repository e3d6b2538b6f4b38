import { expect } from "chai";
import fc from "fast-check";
import { mostCharacters, renderMarkdown } from "../../../src/platform/markdown/render.js";
import { repeats } from "../../support/numbers.js";

/** A piece of HTML as it may stand in a page: a tag of the subset, in one spelling, with the attributes that it may have. */
const tag =
  /<(?:\/?(?:h[1-6]|p|ul|li|blockquote|pre|code|strong|em|s)|\/(?:a|ol)|(?:br|hr) \/|ol(?: start="\d+")?|a(?: href="(?:https?:\/\/|mailto:)[^"<>\s]+" rel="nofollow noopener"(?: title="[^"<>]*")?)?)>/gi;

/** The output without the tags that it may have. */
const besideTags = (html: string): string => html.replace(tag, "");

/** Pieces of which attacks are made. */
const pieces = [
  ..."[]()<>\"'`*_~#-+!|\\&:/\n\t =.1aя😀\0",
  ..."javascript: data:text/html, vbscript: http:// https://a.b/ mailto: //evil &#106; &colon;".split(" "),
  ..."<script> </script> <img/src=x/onerror=alert(1)> <!-- ]]> ``` ** ~~ ]( ![".split(" "),
  ...'<img src=x onerror=alert(1)>, "title",> ,- '.split(","),
];

describe("Markdown", () => {
  it("is rendered: headings, lists, quotes, code, emphasis, lines and links", () => {
    const text =
      '# Каникулы\n\nС *26* по **30**\nоктября ~~ноября~~:\n\n- `a < b`\n- [сайт](https://a.b/?c&d "t")\n\n> x\n\n3. y\n\n```\n<z>\n```';
    expect(renderMarkdown(text)).equal(
      [
        "<h1>Каникулы</h1>",
        "<p>С <em>26</em> по <strong>30</strong><br />",
        "октября <s>ноября</s>:</p>",
        "<ul>",
        "<li><code>a &lt; b</code></li>",
        '<li><a href="https://a.b/?c&amp;d" rel="nofollow noopener" title="t">сайт</a></li>',
        "</ul>",
        "<blockquote>",
        "<p>x</p>",
        "</blockquote>",
        '<ol start="3">',
        "<li>y</li>",
        "</ol>",
        "<pre><code>&lt;z&gt;",
        "</code></pre>",
      ].join("\n"),
    );
  });

  it("makes links of whole addresses alone, and of no word with a dot", () => {
    expect(renderMarkdown("https://a.b/c, mailto:d@e.f")).equal(
      '<p><a href="https://a.b/c" rel="nofollow noopener">https://a.b/c</a>, <a href="mailto:d@e.f" rel="nofollow noopener">mailto:d@e.f</a></p>',
    );
    for (const text of ["server.py", "10.30", "d@e.f", "1.2.3.4", "//evil.example"])
      expect(renderMarkdown(text)).equal(`<p>${text}</p>`);
  });

  it("shows HTML and pictures as text and links", () => {
    expect(renderMarkdown("<b>x</b>\n![y](https://a.b)")).equal(
      '<p>&lt;b&gt;x&lt;/b&gt;<br />\n!<a href="https://a.b" rel="nofollow noopener">y</a></p>',
    );
  });

  it("has no script, no handler, no other scheme, no image, whatever is written", () => {
    const hostile = [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "<svg/onload=alert(1)>",
      "<a href='javascript:alert(1)'>x</a>",
      "[x](javascript:alert(1))",
      "[x](JaVaScRiPt:alert(1))",
      "[x](&#106;avascript&colon;alert(1))",
      "[x](java\nscript:alert(1))",
      "[x](<javascript:alert(1)>)",
      "[x](\u0001javascript:alert(1))",
      "<javascript:alert(1)>",
      "[x](data:text/html;base64,PHNjcmlwdD4=)",
      "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
      "![x](https://a.b/c.png)",
      '![x](https://a.b/c.png"onerror="alert(1))',
      '[x](https://a.b "\\" onmouseover=alert(1) x=\\"")',
      "[x](//evil.example)",
      "[x](/v1/auth/logout)",
      "[x]: javascript:alert(1)\n[x]",
      '```"onload=alert(1)\nx\n```',
      "[![[x](javascript:alert(1))](https://a.b)](javascript:alert(1))",
      "> - <script>\n> - [x](javascript:1)",
      "| <img src=x onerror=1> |\n|---|\n| x |",
    ];
    for (const text of hostile) {
      expect(besideTags(renderMarkdown(text)), text).not.match(/[<>]/);
    }
  });

  it("has only the tags and attributes of the subset, for whatever pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (parts) => {
        expect(besideTags(renderMarkdown(parts.join("")))).not.match(/[<>]/);
      }),
      { numRuns: repeats(400, 2000) },
    );
  });

  it("of a text at the limit is bounded in length and in time, whatever is repeated in it", () => {
    const repeated = [
      "[",
      "[](",
      "![",
      "*",
      "**a ",
      "* a\n",
      "> ",
      "- a\n  - ",
      "`",
      "~~a",
      "<",
      "&",
      "\\",
      '"',
      "я",
      "|a\n",
      "|-",
    ];
    const links = [
      "http://a ",
      "http://a.b(",
      "<http://a>",
      "[a](http://b)",
      "[x](http://я",
      "[a]: http://b\n",
      "a@b.c ",
    ];
    const cpu = (text: string): number => {
      const times = [0, 1, 2].map(() => {
        const { user } = process.cpuUsage();
        renderMarkdown(text);
        return process.cpuUsage().user - user;
      });
      return Math.min(...times);
    };
    for (const piece of [...repeated, ...links]) {
      const text = piece.repeat(mostCharacters / piece.length);
      expect(renderMarkdown(text).length, piece).below(20 * text.length);
      // A time that grew as the square would be 64 times as long; one below a few milliseconds says nothing.
      expect(cpu(text), piece).below(24 * Math.max(cpu(text.slice(0, mostCharacters / 8)), 5_000));
    }
    const reference = `[a]: http://${"b".repeat(9_000)}\n\n${"[a]".repeat(3_000)}`;
    expect(renderMarkdown(reference).length).below(20 * reference.length);
  });

  it("of a longer text is refused, counted in characters", () => {
    expect(renderMarkdown("😀".repeat(mostCharacters))).contain("😀");
    expect(() => renderMarkdown("a".repeat(mostCharacters + 1))).throw(RangeError);
    expect(() => renderMarkdown("😀".repeat(mostCharacters + 1))).throw(RangeError);
  });
});
