// Finds what an error text must not disclose: stack traces, file names, SQL, and error texts of drivers.

const disclosures = new RegExp(
  [
    String.raw`\bat (?:async )?[\w.$<>[\] ]+ \(`,
    String.raw`\bat Object\.`,
    String.raw`node_modules|node:internal|file:\/\/`,
    String.raw`\.[cm]?[jt]s:\d+|\.(?:py|go|java|rs|rb):\d+`,
    String.raw`Traceback|Exception in thread|goroutine \d+`,
    String.raw`\b(?:Type|Reference|Range|Syntax|Aggregate)Error\b`,
    String.raw`SQLSTATE|\b[a-z]+(?:ql)?:\/\/[^/\s]+:[^@\s]+@`,
    String.raw`\bselect\b.+\bfrom\b|\binsert into\b|\bdelete from\b|\bupdate \w+ set\b`,
    String.raw`\bduplicate key value\b|violates [\w-]+ constraint|relation "[^"]*" does not exist|syntax error at or near`,
    String.raw`\bE(?:CONNREFUSED|CONNRESET|PIPE|NOENT|ACCES|TIMEDOUT|ADDRINUSE)\b`,
  ].join("|"),
  "i",
);

/** The first match in a text; undefined when the text discloses nothing. */
export function disclosureIn(text: string): string | undefined {
  return disclosures.exec(text)?.[0];
}
