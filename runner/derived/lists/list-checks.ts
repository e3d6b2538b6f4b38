// Lists page by page: sizes, order, tokens, and the moments that bound them.
import { derived, rotatedCodec, type Derive } from "../derivation.js";
import { checkBounds } from "./bounds.js";
import { checkListTags } from "./list-tags.js";
import { checkMisspelt, checkMoments, momentsOf } from "./moments.js";
import { OpenedList, isPaged } from "./opened-list.js";
import { checkPages } from "./pages.js";
import { checkTokens, checkTokensElsewhere } from "./tokens.js";

export const listChecks: Derive = (derivation, rpc) => {
  const { paging } = derivation.suite;
  const { descriptors } = derivation;
  const codec = rotatedCodec(derivation, rpc);
  const misspelt = derived(derivation, rpc, "lists", "misspelt moments", codec, async (findings, fresh) => {
    await checkMisspelt(findings, await fresh());
  });
  const moments = momentsOf(rpc).length > 0 ? [misspelt] : [];
  if (!paging || !isPaged(rpc, paging)) return moments;
  return [
    ...moments,
    derived(
      derivation,
      rpc,
      "lists",
      "its pages, page tokens and bounds in time",
      codec,
      async (findings, _, worker) => {
        const list = await OpenedList.open(worker, rpc, paging, codec);
        await checkTokens(findings, list, derivation);
        await checkBounds(findings, list);
        await checkMoments(findings, list);
        await checkPages(findings, list, list.most(descriptors));
      },
    ),
    // A check of its own, since it calls what others may: without their accounts it alone is skipped.
    derived(derivation, rpc, "lists", "its tokens in other lists", codec, async (findings, _, worker) => {
      const list = await OpenedList.open(worker, rpc, paging, codec);
      await checkTokensElsewhere(findings, list, derivation, worker);
    }),
    derived(derivation, rpc, "lists", "its tag, which changes with its rows", codec, async (findings, _, worker) => {
      await checkListTags(findings, await OpenedList.open(worker, rpc, paging, codec));
    }),
  ];
};
