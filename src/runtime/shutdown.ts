import { describeError } from "#src/core/errors.ts";
import type { Logger } from "#src/ports/logger.ts";

/** Stops on a signal; an unexpected error ends the process, because start is recovery. */
export function watchShutdown(log: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  async function leave(reason: string, exitCode: number) {
    if (stopping) return;
    stopping = true;
    log.info("stopping", { reason });
    const deadline = setTimeout(() => process.exit(exitCode), 5_000);
    await stop().catch((error: unknown) =>
      log.error("stopFailed", { error: describeError(error) }),
    );
    clearTimeout(deadline);
    process.exit(exitCode);
  }
  process.on("SIGINT", () => void leave("SIGINT", 0));
  process.on("SIGTERM", () => void leave("SIGTERM", 0));
  // From here on the log tells the last words, not those who guarded the start.
  process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
  process.on("uncaughtException", (error) => {
    log.error("uncaughtException", { error: describeError(error) });
    void leave("uncaughtException", 1);
  });
  process.on("unhandledRejection", (reason) => {
    log.error("unhandledRejection", { error: describeError(reason) });
    void leave("unhandledRejection", 1);
  });
}
