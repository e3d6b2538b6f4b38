// All connections of this process to one server, and a watchdog that destroys those whose response is overdue: Postgres's own
// timeouts have no effect while Postgres is stopped or unreachable.
import type { Connection, ConnectionSettings } from "./protocol/connection.js";
import { openConnection } from "./protocol/open-connection.js";

/** The interval of the watchdog, in milliseconds. */
const INTERVAL = 100;

export type ConnectOptions = Required<Pick<ConnectionSettings, "statementTimeoutMs">> &
  Partial<Pick<ConnectionSettings, "connectTimeoutMs">>;

/** Whether the session can only read, as that of a standby. Rejects as Connection.run does. */
export async function isReadOnly(connection: Connection, deadline: number): Promise<boolean> {
  const sql = "select current_setting('transaction_read_only') = 'on' as is_read_only";
  const [row] = await connection.run("read-only", sql, [], deadline);
  return (row as { is_read_only: boolean }).is_read_only;
}

export class Connections {
  readonly #open = new Set<Connection>();
  readonly #watchdog: NodeJS.Timeout;
  #lastRound = performance.now();
  /** Called after the watchdog has destroyed a connection. */
  onOverdue: () => void = () => undefined;

  constructor(readonly url: string) {
    this.#watchdog = setInterval(() => this.#watch(), INTERVAL).unref();
  }

  /** Opens a connection, by default within 1,500 ms. Rejects with ConnectionLost and its cause. */
  async connect({ statementTimeoutMs, connectTimeoutMs = 1_500 }: ConnectOptions): Promise<Connection> {
    const connection = await openConnection({
      url: this.url,
      applicationName: "lyceum",
      connectTimeoutMs,
      statementTimeoutMs,
      // Longer than deadlock_timeout, one second: a deadlock is retried, and a lock timeout is not.
      lockTimeoutMs: 1_500,
      idleInTransactionTimeoutMs: 5_000,
    });
    this.#open.add(connection);
    connection.onLost(() => this.#open.delete(connection));
    return connection;
  }

  /** Destroys the connections whose sessions only read, so that new ones replace them. Resolves with their number. */
  async destroyReadOnly(): Promise<number> {
    const deadline = performance.now() + 1_500;
    let destroyed = 0;
    const destroyOne = async (connection: Connection): Promise<void> => {
      if (!(await isReadOnly(connection, deadline))) return;
      connection.destroy("its session only reads");
      destroyed += 1;
    };
    // One that fails is replaced for that reason.
    await Promise.allSettled([...this.#open].map(destroyOne));
    return destroyed;
  }

  /** Destroys every connection: all that is pending rejects with ConnectionLost. */
  destroyAll(reason: string): void {
    for (const connection of this.#open) connection.destroy(reason);
  }

  /** Destroys each idle connection that does not respond within `timeoutMs`. */
  probeIdle(timeoutMs: number): void {
    for (const connection of this.#open)
      if (connection.isIdle) connection.command("select 1", performance.now() + timeoutMs).catch(() => undefined);
  }

  /** Ends the watchdog. The owners of the connections close them. */
  close(): void {
    clearInterval(this.#watchdog);
  }

  #watch(): void {
    const now = performance.now();
    const isDelayed = now - this.#lastRound > 3 * INTERVAL;
    this.#lastRound = now;
    // When the event loop was blocked, responses may have arrived unread: they are read before any deadline is checked.
    if (isDelayed) return;
    for (const connection of this.#open) {
      if (!connection.isOverdue(now)) continue;
      connection.destroy("no response arrived in time");
      this.onOverdue();
    }
  }
}
