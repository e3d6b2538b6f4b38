// The banners of the demo school, in Russian and in English.
import type { DemoStep } from "../accounts/demo.js";
import { bannerHandlers } from "./handlers.js";

/** Makes a banner of each language. */
export const demoBanners: DemoStep = async (as) => {
  const banners = bannerHandlers();
  const always = { active_from: undefined, active_until: undefined };
  await banners.createBanner(
    {
      level: "BANNER_LEVEL_INFO",
      text: "В **субботу** с 2:00 до 4:00 сайт может быть недоступен. [Подробнее](https://example.org/status)",
      ...always,
    },
    as("teacher"),
  );
  await banners.createBanner(
    { level: "BANNER_LEVEL_SUCCESS", text: "The new *library* is open: Monday to Friday, 8 to 18.", ...always },
    as("teacher"),
  );
};
