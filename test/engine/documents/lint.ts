// A public linter for OpenAPI documents, and what it cannot know of paths.
import { createConfig, lintFromString } from "@redocly/openapi-core";

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly schema: { readonly type?: string };
}

interface Linted {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters: readonly Parameter[] }>>>>;
}

/** Every warning of the linter, and every pair of paths of which one request may have both. */
export async function lint(document: Linted): Promise<string[]> {
  // The rule does not look at the types of parameters: /users/{user_id}/invite is not /users/by-nick/{nick}, since an id is a number.
  const config = await createConfig({ extends: ["recommended"], rules: { "no-ambiguous-paths": "off" } });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: "openapi.json", config });
  return [
    ...problems.map(({ severity, ruleId, message }) => `${severity} ${ruleId} ${message}`),
    ...ambiguousPaths(document),
  ];
}

function ambiguousPaths({ paths }: Linted): string[] {
  const shapes = Object.entries(paths).map(([path, operations]) => {
    const parameters = Object.values(operations).flatMap((operation) => operation.parameters);
    const isNumber = (segment: string): boolean =>
      parameters.some(
        ({ in: place, name, schema }) => place === "path" && segment === `{${name}}` && schema.type === "integer",
      );
    return {
      path,
      segments: path.split("/").map((text) => ({ text, isAny: text.startsWith("{"), isNumber: isNumber(text) })),
    };
  });
  return shapes.flatMap((one, at) =>
    shapes.slice(at + 1).flatMap((other) => {
      if (one.segments.length !== other.segments.length) return [];
      const mayBeBoth = one.segments.every((mine, place) => meet(mine, other.segments[place]!));
      // A literal in the place of a variable is the more exact one, where the others agree.
      const isRanked =
        one.segments.every((mine, place) => mine.isAny || !other.segments[place]!.isAny) ||
        one.segments.every((mine, place) => !mine.isAny || other.segments[place]!.isAny);
      return mayBeBoth && !isRanked ? [`ambiguous paths: ${one.path} and ${other.path}`] : [];
    }),
  );
}

interface Segment {
  readonly text: string;
  readonly isAny: boolean;
  readonly isNumber: boolean;
}

function meet(one: Segment, other: Segment): boolean {
  if (!one.isAny && !other.isAny) return one.text === other.text;
  const [literal, variable] = one.isAny ? [other, one] : [one, other];
  return literal.isAny || !variable.isNumber || /^\d+$/.test(literal.text);
}
