import type { Secrets } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { createOutbox } from "#src/alerts/deliver-outbox.ts";
import { describeError } from "#src/core/errors.ts";
import type { VenueId } from "#src/core/instrument.ts";
import type { LiveBounds } from "#src/core/rules/live-bounds.ts";
import type { createDashboard } from "#src/dashboard/create-app.tsx";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Notifier } from "#src/ports/notifier.ts";
import type { Store } from "#src/ports/store.ts";
import type { Venue } from "#src/ports/venue.ts";
import type { Mode } from "#src/reports/views.ts";
import { startHttpServer } from "#src/runtime/http-server.ts";
import type { Redact } from "#src/runtime/redactor.ts";
import { watchShutdown } from "#src/runtime/shutdown.ts";
import type { startJobs } from "#src/scheduler/start-jobs.ts";
import { createTelegramDoor } from "#src/telegram/create-bot.ts";
import { composePipeline } from "./compose-pipeline.ts";
import type { LocalChat } from "./local-chat.ts";
import { createLateAgent } from "./models/late-agent.ts";
import { followVenues } from "./venues/follow-venues.ts";

export interface BotParts {
  readonly mode: Mode;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly redact: Redact;
  readonly log: Logger;
  readonly clock: Clock;
  readonly store: Store;
  readonly venues: ReadonlyMap<VenueId, Venue>;
  /** Where spot is traded; as the settings say unless given. */
  readonly spotVenues?: readonly VenueId[];
  /** What the settings ask for in mode live, confirmed or not. */
  readonly liveBounds?: LiveBounds;
  readonly host: string;
  readonly port: number;
  /** Telegram itself, or a chat page and its Bot API on this machine. */
  readonly chat: LocalChat | { readonly token: string; readonly bindCode: string | null };
  /** What else is open, to be closed last. */
  close(): void;
}

export interface RunningBot {
  /** Where the pages are. */
  readonly url: string;
  /** Recovery, then the schedule: nothing opens before. */
  begin(): Promise<void>;
  readonly pipeline: Pipeline;
}

/**
 * The bot, without whatever makes its venues and its model: it hears /kill as soon as this returns, and
 * venues may come in later.
 */
export async function runBot(parts: BotParts): Promise<RunningBot> {
  const { settings, log, clock, store, redact, chat } = parts;
  let notifier: Notifier | null = null;
  const shout = (text: string) => {
    const chatId = Number(store.getFact("chatId") ?? "0");
    const item = { id: 0, severity: "critical", chatId, attempts: 0 } as const;
    const delivered = notifier?.deliver({ ...item, content: { type: "alert", text } });
    delivered?.catch((error: unknown) => log.error("shoutFailed", { error: describeError(error) }));
  };
  const advisor = await lateAdvisor(parts);
  const pipeline = composePipeline({ ...parts, advisor, shout });
  const { secrets } = parts;
  const mcpToken = settings.mcp.enabled ? secrets.mcpToken : null;
  const dashboard = createLateDashboard({ pipeline, clock, log, redact, mcpToken });
  const server = startHttpServer({
    ...{ host: parts.host, port: parts.port },
    fetch: async (request, peer) =>
      ("page" in chat ? await chat.page(request) : null) ??
      (await dashboard()).fetch(request, peer),
  });
  const agent = createLateAgent({ pipeline, settings, secrets, store, clock, log, redact });
  const door = createTelegramDoor({
    token: chat.token,
    apiRoot: "page" in chat ? `http://${parts.host}:${server.port}` : settings.telegram.apiRoot,
    bindCode: "bindCode" in chat ? chat.bindCode : null,
    ...{ agent, pipeline, store, clock, log, redact },
  });
  notifier = door.notifier;
  // Before the first new question: what an earlier process left unfinished is told once.
  agent.recover();
  const stopping = new AbortController();
  const outbox = createOutbox({ store, notifier, clock, log });
  const running = [door.run(stopping.signal), outbox.run(stopping.signal)];
  let jobs: ReturnType<typeof startJobs> | null = null;
  let following: Promise<unknown> | null = null;
  watchShutdown(log, async () => {
    stopping.abort();
    await jobs?.stop();
    agent.stopAll("shutdown");
    await agent.idle();
    await Promise.all([...running, following]);
    server.stop();
    store.close();
    parts.close();
  });
  const url = `http://${parts.host}:${server.port}`;
  return {
    url,
    pipeline,
    async begin() {
      const [scheduler] = await Promise.all([import("#src/scheduler/start-jobs.ts"), agent.load()]);
      await pipeline.recover();
      jobs = scheduler.startJobs({ pipeline, clock, store, log, schedule: settings.schedule });
      const { signal } = stopping;
      following = followVenues({ venues: parts.venues, store, log, signal, ring: jobs.ring });
    },
  };
}

/** Loaded only where models vote on scans. */
async function lateAdvisor(parts: BotParts): Promise<Advisor | null> {
  if (parts.settings.model.scan.length === 0) return null;
  const [{ chooseAdvisor }, { chooseScanModels }] = await Promise.all([
    import("./models/choose-advisor.ts"),
    import("./models/choose-model.ts"),
  ]);
  return chooseAdvisor(chooseScanModels(parts), parts.clock);
}

/** Loaded by the first who looks: nobody who sends /kill waits for pages. */
function createLateDashboard({
  mcpToken,
  ...parts
}: Omit<Parameters<typeof createDashboard>[0], "proof" | "mcp"> & {
  readonly mcpToken: string | null;
}) {
  let loading: Promise<ReturnType<typeof createDashboard>> | null = null;
  return () => {
    loading ??= Promise.all([
      import("#src/dashboard/create-app.tsx"),
      import("./read-proof.ts"),
      mcpToken === null ? null : import("./models/open-mcp.ts"),
    ]).then(([app, { readProof }, mcp]) =>
      app.createDashboard({
        ...{ ...parts, proof: readProof },
        mcp: mcp && mcpToken !== null ? mcp.openMcp({ ...parts, token: mcpToken }) : null,
      }),
    );
    return loading;
  };
}
