// The README and the buf.yaml of the export.

/** The name and the version of the server. */
export interface About {
  readonly title: string;
  readonly version: string;
}

/** How to compile the files, for a person who has only them. `paths` are the import paths of the .proto files. */
export function readMe({ title, version }: About, paths: readonly string[]): string {
  const folder = paths.find((path) => path.includes("/"))?.replace(/\/[^/]*$/, "") ?? ".";
  return `# ${title} ${version}: the contract for clients

The .proto files of the server, without custom options: they need \`google/protobuf/*\` alone, which every protoc has. The
comment of each rpc has its verb and path, who may call it, and the reasons of its refusals; every refusal is a \`Problem\`.
There is no gRPC: send each request to its path, as \`application/protobuf\` or as JSON. In this folder:

| | |
| --- | --- |
| buf | \`buf generate\`, with a buf.gen.yaml that names your plugins |
| protoc | \`protoc -I . --java_out=lite:out ${folder}/*.proto\` |
| Maven | protobuf-maven-plugin (io.github.ascopes): this folder as a \`sourceDirectory\` |
| Gradle | com.google.protobuf: \`sourceSets.main.proto.srcDir("this folder")\` |
| npm | \`npx buf generate\` with the local plugin protoc-gen-es of @bufbuild/protoc-gen-es |
| Go | \`protoc -I . --go_out=. ${folder}/*.proto\` in your module: import \`<your module>/${folder}\` |
| Python | \`python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. ${folder}/*.proto\` |

The rules of the fields and the routes as options: the annotated files, under /proto/ of the server.
`;
}

export const bufYaml = `\
version: v2
modules:
  - path: .
lint:
  disallow_comment_ignores: false
  use:
    - STANDARD
  except:
    # A standard method answers with the resource itself, and google.protobuf.Empty stands where there is nothing to ask.
    - RPC_REQUEST_RESPONSE_UNIQUE
    - RPC_RESPONSE_STANDARD_NAME
    - RPC_REQUEST_STANDARD_NAME
breaking:
  use:
    - FILE
`;
