// The interface that a user of Retrofit would write for the contract: one method for each of the contract's, in Java.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Descriptors, Rpc } from "../../../runner/client/descriptors.js";
import type { Workshop } from "../outsider.js";

/** Writes gen/LyceumApi.java, and gen/LyceumTypes.java with the generated class of each message by its full name. */
export async function writeRetrofitInterface({ folder, contract }: Workshop, descriptors: Descriptors): Promise<void> {
  const { rpcs, problem } = descriptors;
  const packages = new Map<string, string>();
  const classOf = (type: DescMessage): string =>
    `${packages.get(type.file.name) ?? "com.google.protobuf"}.${type.name}`;
  const types = new Map(
    [...rpcs.values()].flatMap(({ request, response }) => [request, response]).map((type) => [type.typeName, type]),
  );
  for (const { file } of [problem, ...types.values()]) {
    if (file.name.startsWith("google/")) continue;
    const text = await readFile(join(contract, `${file.name}.proto`), "utf8");
    packages.set(file.name, /^option java_package = "(.*)";$/m.exec(text)?.[1] ?? file.proto.package);
  }
  const methods = [...rpcs.values()].map((rpc) => methodOf(rpc, classOf));
  const api = ["import retrofit2.http.*;", "", "interface LyceumApi {", ...methods, "}", ""];
  const messages = [...types.values()].filter(({ typeName }) => typeName !== "google.api.HttpBody");
  const entries = messages.map((type) => `      Map.entry("${type.typeName}", ${classOf(type)}.getDefaultInstance())`);
  const map = [
    "import java.util.Map;",
    "",
    "final class LyceumTypes {",
    "  static final Map<String, com.google.protobuf.MessageLite> BY_NAME = Map.ofEntries(",
    `${entries.join(",\n")});`,
    "}",
    "",
  ];
  await writeFile(join(folder, "gen/LyceumApi.java"), api.join("\n"));
  await writeFile(join(folder, "gen/LyceumTypes.java"), map.join("\n"));
}

function methodOf(rpc: Rpc, classOf: (type: DescMessage) => string): string {
  const { name, verb, path, pathFields, hasBody, isForm, bodyField, produces, request, response } = rpc;
  const isContent = produces.length > 0;
  const answer = isContent ? "okhttp3.ResponseBody" : rpc.success === 204 ? "Void" : classOf(response);
  const inQuery =
    hasBody || isForm
      ? []
      : request.fields.filter((field) => !pathFields.includes(field.name) && field.name !== bodyField);
  const parameters = [
    ...pathFields.map((field) => `@Path("${field}") String ${field}`),
    ...inQuery.map((field) => `@Query("${field.name}") java.util.List<String> ${field.name}`),
    ...(hasBody
      ? [`@Body ${classOf(request)} body`]
      : bodyField === undefined && !isForm
        ? []
        : ["@Body okhttp3.RequestBody body"]),
    "@HeaderMap java.util.Map<String, String> headers",
  ];
  const route = `@${verb}("${path.slice(1)}")${isContent ? " @Streaming" : ""}`;
  return `  ${route}\n  retrofit2.Call<${answer}> ${name}(${parameters.join(", ")});\n`;
}
