// Replaces a text in the source of one module while Node loads it. A text that does not occur exactly once stops the start:
// the mutant is outdated.
let mutation;

export function initialize(data) {
  mutation = data;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const { file, find, replace } = mutation;
  if (!new RegExp(`/src/${file}\\.[jt]s$`).test(url.split("?")[0])) return loaded;
  const parts = String(loaded.source).split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
  return { ...loaded, source: parts.join(replace) };
}
