// The outcomes of promises that may be rejected with an ApiError. Any other error is thrown on.
import { ApiError } from "../../src/errors.js";

/** The ApiError that the promise is rejected with. Throws when it is fulfilled. */
export async function refusal(promise: PromiseLike<unknown>): Promise<ApiError> {
  let answer: unknown;
  try {
    answer = await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`Not rejected, but fulfilled with ${JSON.stringify(answer)}`);
}

/** The reason that the promise is rejected with. Throws when it is fulfilled. */
export async function reasonOf(promise: PromiseLike<unknown>): Promise<string> {
  return (await refusal(promise)).reason;
}

/** The results of promises that run side by side, and the reasons of those that are rejected. */
export async function outcomes<T>(promises: readonly Promise<T>[]): Promise<{ answers: T[]; reasons: string[] }> {
  const answers: T[] = [];
  const reasons: string[] = [];
  for (const settled of await Promise.allSettled(promises)) {
    if (settled.status === "fulfilled") answers.push(settled.value);
    else if (settled.reason instanceof ApiError) reasons.push(settled.reason.reason);
    else throw settled.reason;
  }
  return { answers, reasons };
}
