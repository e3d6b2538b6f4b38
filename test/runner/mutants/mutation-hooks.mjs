// Replaces texts in the sources of modules while Node loads them. A text that does not occur exactly once stops the start:
// the mutant is outdated.
let mutations;

export function initialize(data) {
  mutations = data;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  let source;
  for (const { file, find, replace } of mutations) {
    if (!new RegExp(`/src/${file}\\.[jt]s$`).test(url.split("?")[0])) continue;
    const parts = (source ?? String(loaded.source)).split(find);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
    source = parts.join(replace);
  }
  return source === undefined ? loaded : { ...loaded, source };
}
