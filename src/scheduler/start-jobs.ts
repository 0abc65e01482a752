import { Cron } from "croner";
import { describeError } from "#src/core/errors.ts";
import type { EpochMs } from "#src/core/units.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { Ring } from "#src/ports/venue.ts";
import { createDoorbell } from "./doorbell.ts";

interface Job {
  readonly name: string;
  readonly pattern: Cron;
  run(): Promise<void>;
  next: EpochMs;
  running: boolean;
}

const TICK_MS = 50;
/** Of wall time: hedges are looked after at this pace however fast the market's clock runs. */
const TEND_MS = 5_000;

/**
 * The schedule, in market time and UTC. Slots that were missed (a stopped process, a fast sandbox) come
 * together into one run; a job never overlaps itself; a failing job is logged and runs again next time.
 */
export function startJobs(options: {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly store: Store;
  readonly log: Logger;
  readonly schedule: {
    readonly scanMinutes: number;
    readonly watchMinutes: number;
    /** HH:MM */
    readonly dailySummary: string;
  };
}): { stop(): Promise<void>; ring: (what: Ring) => void } {
  const { clock, store, schedule, pipeline } = options;
  const [hour = "0", minute = "5"] = schedule.dailySummary
    .split(":")
    .map((part) => String(Number(part)));
  const jobs: Job[] = [
    job("scan", `*/${schedule.scanMinutes} * * * *`, () => pipeline.scan()),
    job("watch", `*/${schedule.watchMinutes} * * * *`, () => pipeline.watch()),
    // Every interval settles on an hour; real venues tell of it seconds or minutes later.
    job("bookFunding", "10 0,5 * * * *", () => pipeline.bookFunding()),
    // When what the hour settled is in the accounts.
    job("keepEquity", "30 0 * * * *", () => pipeline.keepEquity()),
    // A little after the hour, when the venues have told what they settled.
    job("followUpDecisions", "0 20 * * * *", () => pipeline.followUpDecisions()),
    job("dailySummary", `${minute} ${hour} * * *`, () => pipeline.dailySummary()),
  ];
  const stopped = new AbortController();

  function job(name: string, pattern: string, run: () => Promise<void>): Job {
    const cron = new Cron(pattern, { timezone: "UTC", paused: true });
    return { name, pattern: cron, run, next: nextRun(cron, clock.marketNow()), running: false };
  }

  async function loop(): Promise<void> {
    noteNextScan();
    while (!stopped.signal.aborted) {
      const now = clock.marketNow();
      for (const one of jobs) {
        if (one.running || now < one.next) continue;
        one.next = nextRun(one.pattern, now);
        void runJob(options, one, noteNextScan);
      }
      await clock.sleep(TICK_MS, stopped.signal);
    }
  }

  function noteNextScan(): void {
    const scan = jobs[0];
    if (scan) store.transaction(() => store.setFact("nextScanAt", String(scan.next)));
  }

  async function tend(): Promise<void> {
    try {
      await pipeline.tend();
    } catch (error) {
      options.log.error("jobFailed", { job: "tend", error: describeError(error) });
    }
  }

  /** Rounds may overlap: one that waits for a silent venue must not keep the next from the others. */
  async function tendLoop(): Promise<void> {
    while (!stopped.signal.aborted) {
      void tend();
      await clock.sleep(TEND_MS, stopped.signal);
    }
  }

  const ended = Promise.all([loop(), tendLoop()]);
  const doorbell = createDoorbell({ clock, answer: tend, signal: stopped.signal });
  return {
    ring: doorbell.ring,
    async stop() {
      stopped.abort();
      await ended;
      await doorbell.quiet();
    },
  };
}

async function runJob(
  { log }: Parameters<typeof startJobs>[0],
  job: Job,
  after: () => void,
): Promise<void> {
  job.running = true;
  try {
    await job.run();
    if (job.name === "scan") after();
  } catch (error) {
    log.error("jobFailed", { job: job.name, error: describeError(error) });
  } finally {
    job.running = false;
  }
}

function nextRun(pattern: Cron, after: EpochMs): EpochMs {
  const next = pattern.nextRun(new Date(after));
  return next ? next.getTime() : Number.POSITIVE_INFINITY;
}
