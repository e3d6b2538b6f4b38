// What a job is: the name of a task and a payload, in a row. Any process runs it, again after an error, until it is done or dead.
import type { Logger } from "pino";
import type { Database } from "../database/database.js";

/** A job that is not added yet. */
export interface NewJob {
  /** The name of its task. */
  readonly task: string;
  /** What the task gets. It is stored as it is: what is secret in it is encrypted by whoever adds the job. */
  readonly payload: object;
  /** Of the jobs with one key one waits: adding another replaces it. One that runs is not stopped, and is not run again. */
  readonly key?: string;
  /** When it is run; at once when absent. */
  readonly runAt?: Date;
  /** How often it is tried before it is dead; 25 when absent, which takes about twelve hours. */
  readonly maxAttempts?: number;
  /** The lower, the sooner among those that are due; 0 when absent. */
  readonly priority?: number;
}

/** What a task gets beside the payload. */
export interface JobWork {
  readonly database: Database;
  /** Its lines have the task, the job and the attempt. */
  readonly log: Logger;
  /** Aborted when the process ends, the job is cancelled or is no longer this process's. A task then ends as soon as it can. */
  readonly signal: AbortSignal;
  /** 1 at the first time. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Tells how much is done, from 0 to 1, for those who look. */
  progress(share: number): Promise<void>;
}

/** What is done with the jobs of one name. */
export interface Task {
  /** Such as "mail". At most 60 characters. */
  readonly name: string;
  /**
   * Does the job; whatever it rejects with, it is run again, later and later. It may be run twice, even at once, when a process was
   * killed or has lost the database: what it does twice must have the effect of once.
   */
  run(payload: object, work: JobWork): Promise<void>;
  /** When a job of it is added by itself, once over all processes, such as "* * * * *" for every minute (UTC). */
  readonly cron?: string;
  /** Whether each process that starts adds one too. */
  readonly atStart?: boolean;
  /** How many jobs of it one process runs at once; as many as of all tasks together when absent. */
  readonly atOnce?: number;
}

/** Thrown by a task that is to be run again at a time of its choice. It counts as an attempt: after the last one the job is dead. */
export class RetryLater extends Error {
  override readonly name = "RetryLater";

  constructor(
    readonly after: Date,
    options?: ErrorOptions,
  ) {
    super("The job is to be run later", options);
  }
}

/** Thrown by a task when trying again would end the same: the job is dead at once. */
export class NeverRetry extends Error {
  override readonly name = "NeverRetry";

  constructor(options?: ErrorOptions) {
    super("The job cannot succeed", options);
  }
}

const firstRetryMs = 1_000;
const longestRetryMs = 3_600_000;

/** How long a job waits after its attempt has failed, in milliseconds: 1 s, 2 s, 4 s ... up to an hour, and a tenth more by chance. */
export function retryMs(attempt: number): number {
  return Math.min(firstRetryMs * 2 ** (attempt - 1), longestRetryMs) * (1 + Math.random() / 10);
}
