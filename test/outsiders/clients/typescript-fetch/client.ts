// A client in TypeScript: the classes that openapi-generator made with typescript-fetch.
import * as gen from "./gen/index.js";
import { contentOf, fileOf, parametersOf, serve, type Answer, type Call } from "./lines.js";

/** A team writes its calls in this way, one by one: the types hold. */
export async function firstMessage(basePath: string, email: string, password: string): Promise<string> {
  const { accessToken } = await new gen.AuthServiceApi(new gen.Configuration({ basePath })).login({
    loginRequest: { email, password },
  });
  const configuration = new gen.Configuration({ basePath, accessToken });
  const chat: gen.Chat = await new gen.ChatServiceApi(configuration).createChat({
    createChatRequest: { title: "Tea" },
  });
  const messages = new gen.MessageServiceApi(configuration);
  await messages.sendMessage({ chatId: chat.id, sendMessageRequest: { text: "Hello" } });
  const listed = await messages.listMessages({ chatId: chat.id, limit: 5 });
  await new gen.AuthServiceApi(configuration).logout();
  const at: Date = chat.createdAt;
  const texts = listed.messages.map(({ text, editedAt }) => `${text} ${editedAt?.toISOString() ?? "as sent"}`);
  return [at.toISOString(), ...texts].join("\n");
}

type Method = (parameters: object) => Promise<gen.ApiResponse<unknown>>;
type Convert = Record<string, (value: unknown) => Record<string, unknown>>;

const convert = gen as unknown as Convert;
type Api = new (configuration: gen.Configuration) => object;
const classes = Object.entries(gen).flatMap(([name, made]) => (name.endsWith("ServiceApi") ? [made as Api] : []));
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const short = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
const isTime = (name: string): boolean => name.startsWith("created_");

async function play(call: Call): Promise<Answer> {
  const configuration = new gen.Configuration({
    basePath: call.base,
    headers: call.headers,
    ...(call.token === undefined ? {} : { accessToken: call.token }),
  });
  const apis = classes.map((Api) => new Api(configuration) as unknown as Record<string, Method>);
  const api = apis.find((each) => typeof each[`${call.rpc}Raw`] === "function");
  if (!api) throw new Error("no such operation");
  const named = Object.entries({ ...call.path, ...call.query, ...parametersOf(call) }).map(([name, value]) => [
    camel(name),
    isTime(name) ? new Date(value as string) : value,
  ]);
  const model = short(call.requestType);
  const read = convert[`${model}FromJSON`];
  const body = call.hasBody && read ? { [model[0]!.toLowerCase() + model.slice(1)]: read(call.json) } : {};
  try {
    const parameters = { ...(Object.fromEntries(named) as object), ...body, file: fileOf(call) };
    const { raw, ...answer } = await api[`${call.rpc}Raw`]!(parameters);
    if (call.answer === "content" || call.answer === "stream") return contentOf(raw, call.answer === "stream");
    if (raw.status === 204) return { status: 204 };
    const value = await (
      Object.assign(Object.create(gen.JSONApiResponse.prototype), { raw, ...answer }) as gen.ApiResponse<unknown>
    ).value();
    return { status: raw.status, json: convert[`${short(call.responseType)}ToJSON`]!(value) };
  } catch (error) {
    if (!(error instanceof gen.ResponseError)) throw error;
    const problem = gen.ProblemFromJSON(await error.response.json());
    return { status: error.response.status, json: gen.ProblemToJSON(problem), reason: problem.reason };
  }
}

await serve(play);
