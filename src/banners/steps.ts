// What becomes of banners without a request: their time comes and goes, and the school is told.
import { batchSweep } from "../platform/sweep/batch-sweep.js";
import { tellBanners } from "./store.js";

/** Tells the school of banners that begin or cease to be shown. */
export const tellOfBanners = batchSweep("banners whose time has come or gone", tellBanners, 100);
