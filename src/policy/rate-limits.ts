// Rates of requests: the bounds of `(lyceum.v1.rate)`, and those of the server for methods without one, as the headers RateLimit and
// RateLimit-Policy tell them (draft-ietf-httpapi-ratelimit-headers-10).
import type { Caller } from "../call.js";
import type { RateSettings } from "../config.js";
import type { Admission, Pending } from "../contract/admission.js";
import type { Plain } from "../contract/codecs/codec.js";
import type { RequestScope } from "../contract/http/request-context.js";
import type { Method } from "../contract/model/method.js";
import { canonicalEmail } from "../contract/validation/email.js";
import { ApiError } from "../errors.js";
import { networkOf } from "../platform/network-address.js";
import type { Bound, RateStore, Taken } from "../platform/rates/rate.js";
import type { Devices } from "./limits.js";

/** An address has so many times the rate of a person, since a school may be behind it. */
const peopleOfAddress = 10;

/** The bounds of a method, the shortest time first. */
export function boundsOf(method: Method, { reads, writes, factor }: Omit<RateSettings, "store">): readonly Bound[] {
  const own = method.rate.map(({ requests, seconds }) => ({
    name: `${method.handler}-${seconds}`,
    requests: requests * factor,
    seconds,
  }));
  if (own.length > 0) return own;
  const isRead = method.verb === "GET";
  const requests = (isRead ? reads : writes) * factor;
  const name = isRead ? "reads" : "writes";
  const isPublic = method.access === "ACCESS_PUBLIC";
  return [isPublic ? bound(`public-${name}`, requests * peopleOfAddress) : bound(name, requests)];
}

function bound(name: string, requests: number): Bound {
  return { name, requests, seconds: 60 };
}

/**
 * The admission of each method: counts a request of a public method for its network address, any other for its caller, and throws
 * RATE_LIMITED when it is one too many. A device of the account passes where the method takes device tokens, so that nobody at the
 * same address can keep it out: it is known when the request is read.
 */
export function rateLimits(
  settings: Omit<RateSettings, "store">,
  store: RateStore,
  devices: Devices,
): (method: Method) => Admission<Caller> {
  return (method) => {
    const bounds = boundsOf(method, settings);
    const policy = bounds.map(({ name, requests, seconds }) => `"${name}";q=${requests};w=${seconds}`).join(", ");
    const hasDevices = Boolean(method.failureLimit?.device_field);

    function settle(ctx: RequestScope, taken: readonly Taken[]): Pending | undefined {
      ctx.state.context.headers.push("RateLimit", rateLimit(bounds, taken));
      const last = taken[taken.length - 1]!;
      if (last.isAdmitted) return undefined;
      const error = new ApiError("RATE_LIMITED", "Too many requests; wait before the next one", {
        retryAfterSeconds: last.nextSeconds,
      });
      if (!hasDevices) throw error;
      return { refusal: error, admits: (request) => isOfDevice(method, devices, request) };
    }

    return {
      headers: ["RateLimit-Policy", policy],
      admit(ctx, caller) {
        const taken = takeAll(store, bounds, caller ? caller.id : networkOf(ctx.ip), 0, []);
        return taken instanceof Promise ? taken.then((all) => settle(ctx, all)) : settle(ctx, taken);
      },
    };
  };
}

/** Counts a request for one bound after the other, until one refuses it: it then does not count for those of a longer time. */
function takeAll(
  store: RateStore,
  bounds: readonly Bound[],
  who: string | number,
  from: number,
  taken: Taken[],
): Taken[] | Promise<Taken[]> {
  for (let index = from; index < bounds.length; index++) {
    const one = store.take(bounds[index]!, who);
    if (one instanceof Promise)
      return one.then((late) => {
        taken.push(late);
        return late.isAdmitted ? takeAll(store, bounds, who, index + 1, taken) : taken;
      });
    taken.push(one);
    if (!one.isAdmitted) break;
  }
  return taken;
}

/** What is left, of each bound that was counted. */
function rateLimit(bounds: readonly Bound[], taken: readonly Taken[]): string {
  let text = "";
  for (let index = 0; index < taken.length; index++) {
    const { left, nextSeconds } = taken[index]!;
    text += `${index > 0 ? ", " : ""}"${bounds[index]!.name}";r=${left};t=${nextSeconds}`;
  }
  return text;
}

function isOfDevice({ failureLimit }: Method, devices: Devices, request: Plain): boolean {
  const { field, device_field: deviceField } = failureLimit!;
  const token = request[deviceField] as string | undefined;
  return devices.read(token, canonicalEmail(String(request[field]))) !== undefined;
}
