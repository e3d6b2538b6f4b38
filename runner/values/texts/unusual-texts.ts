// Texts with a special meaning in some context: trim(), SQL and LIKE, HTML, headers, fonts.

/** White space to trim(). */
export const blanks = "| |\t|\n|\r\n|\v\f|\u00a0|\u2003|\u3000|\ufeff|\u2028|\u2029".split("|");

/** Invisible, and not white space to trim(). */
export const nearlyBlanks = "\u0085|\u180e|\u200b|\u2060|\u00ad|\u0001|\u001f|\u007f".split("|");

/** Characters with a special meaning. */
export const signs = [..."%_\\'\"`;<>&|!(:*-${}/?#"];

/** Of one to four bytes in UTF-8, of one and two units in UTF-16, of both directions, alone and combining. */
export const letters = [
  ..."aZ0яЁßİıﬀé\u0301अ你ﷺא\u0639\u202e\u2066🦊𝒳\u{10ffff}\ufffd\uffff\ufe0f\0",
  ..."e\u0301|👩\u200d👩\u200d👧|🇷🇺".split("|"),
];

/** Texts that programs have interpreted as something else. */
export const phrases = [
  "%",
  "_",
  "\\",
  "' OR 1=1 --",
  "'; drop table x; --",
  '"a b"',
  "-a",
  "a & !b | c:*",
  "<script>alert(1)</script>",
  "&lt;",
  "${a}",
  "{{a}}",
  "$1",
  "%s%n",
  "%00",
  "../../a",
  "null",
  "undefined",
  "NaN",
  "1e3",
  "[object Object]",
  "__proto__",
  "constructor",
  "a\r\nb: c",
  "a\0b",
  "\u05e9\u05dc\u05d5\u05dd",
  "\u202eabc\u202c",
  "Z\u0337\u031b\u0356a\u0334",
  "a".repeat(300),
];
