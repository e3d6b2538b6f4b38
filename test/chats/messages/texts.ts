// Texts as people send them, made from all kinds of words and signs; the same ones for the same seed.

const words = [
  "Привет ёлка Пётр контрольная дома и не что Щ running the of being tea naïve café José Zoë straße İstanbul ŞALOM Ærø",
  "Ελλάδα Ωmega שלום עולם مرحبا می‌خواهم العربية नमस्ते हिन्दी বাংলা 한국어 안녕하세요 Հայ ქართული",
  "今天天气很好 東京タワー ひらがな 手机15 ภาษาไทย ก่อนนี้ ລາວ ខ្មែរ မြန်မာ",
  "https://example.org/abc http://school.example.org:8080/a/b.html?q=1&r=два#top ftp://x.y/~user/ https://школа.рф/путь",
  "www.example.com mailto:anna.smith@school.example.org ivanova.m@example.org 192.168.0.1:5432 [::1]:80 //cdn/x.js",
  "foo.png report-2026.final.pdf C:\\Users\\anna\\x.txt /usr/local/bin ../a/b ~/.ssh/config a_b_c snake_case kebab-case foo-bar-baz",
  "10-15 10:15 3,14 3.14 1e5 -5 -v --help -- +7(999)123-45-67 8-800-555-35-35 2026-11-23 1/2 50% №5 §12 $100 100€ 5² ½ 10:30–11:15",
  "C++ C# F# .NET #tag @name $x_y i++ a=b a==b => -> <- != && || ?? !!! ... … ;) :) :-( ^_^ ¯\\_(ツ)_/¯ (╯°□°)╯ <3 *bold* _it_ `code` ~~x~~",
  '<b>жирный</b> <script>alert(1)</script> <div class=x> Map<string,int> if(a<b) &amp; &nbsp;x {"a":[1,2]} {a:1} [x](y) \\frac{a}{b} $$x^2$$ \\\\n',
  "🎉 👍🏽 👩‍👩‍👧 🏳️‍🌈 ❤️ 🇷🇺 1️⃣ hi🎉there ✓ → ★ ☺ ©️ 🦊🦊 :🎉: 😀😀😀",
  "it's don’t O'Brien O’Brien д’Артаньян rock‘n’roll ʼтак anti‑hero semi‐colon long—dash en–dash при­вет zero​width",
  '«цитата» “quoted” ‘single’ „низкие“ "straight" \'so\' " — – - • · | , . ! ? & ( )',
  "e\u0301te й\u0306 Z\u0337\u031b ﷺ ﬁne Ⅷ ٣٤٥ １２３ ＡＢＣ 𝒳𝒴 ﻻ \\ ' % _ %s $1 null undefined NaN constructor __proto__",
].flatMap((line) => line.split(" "));
const glue = " | | | | |\n|\t|\u00a0|, |. | - | — |-|/|.|_|:|@|".split("|");

/** A text of one to eight parts, trimmed, of at most 200 characters. */
export function text(random: (bound: number) => number): string {
  let made = "";
  for (let count = 1 + random(8); count > 0; count -= 1)
    made += words[random(words.length)]! + (count > 1 ? glue[random(glue.length)]! : "");
  return [...made].slice(0, 200).join("").trim();
}

/** What white space parts, and the runs of letters and digits in it, of two characters or more beside quotes. */
export function wordsOf(made: string): string[] {
  const runs = made.match(/[\p{L}\p{M}\p{N}\u00ad\u200c]+/gu) ?? [];
  return [...new Set([...made.split(/\s+/u), ...runs])].filter((word) => [...word.replaceAll('"', "")].length > 1);
}
