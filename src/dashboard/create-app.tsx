import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { describeError } from "#src/core/errors.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { ProofView } from "#src/reports/proof-view.ts";
import { createEquityPicture } from "./equity-picture.ts";
import { enterByMcp, type McpDoor } from "./mcp-door.ts";
import { ProofPage } from "./proof-page.tsx";
import { redactResponse } from "./redact-response.ts";
import { StatusPage, StatusParts } from "./status-page.tsx";

const EVENT_MS = 1_000;
const DECISIONS_SHOWN = 6;
const SILENCE_MS = 15_000;

/** The read-only page and its API. Nothing here can change anything; by `/mcp` programs may propose. */
export function createDashboard(options: {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly log: Logger;
  /** The saved fault simulation; asked when its page is, because it reads the engine's sources. */
  readonly proof: () => ProofView | null;
  readonly redact: (text: string) => string;
  /** Absent unless the owner turned it on. */
  readonly mcp?: McpDoor | null;
}): { fetch(request: Request, peer?: string | null): Response | Promise<Response> } {
  const { pipeline, clock, log, mcp } = options;
  const app = new Hono<{ Bindings: { readonly peer: string | null } }>();

  app.use(async (c, next) => {
    await next();
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
    c.header(
      "content-security-policy",
      "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' data:",
    );
  });
  if (mcp) app.all("/mcp", (c) => enterByMcp(c, mcp, c.env.peer));
  app.use(async (c, next) => {
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      return c.json({ error: "this page only shows; trading happens in the chat" }, 405);
    }
    return next();
  });

  app.get("/", async (c) => c.html(<StatusPage {...(await facts(pipeline))} />));
  app.get("/parts", async (c) => c.html(<StatusParts {...(await facts(pipeline))} />));
  app.get("/proof", (c) => c.html(<ProofPage proof={options.proof()} />));
  const picture = createEquityPicture({ pipeline, clock });
  app.get("/chart/equity.svg", async (c) => {
    const svg = await picture(c.req.query("theme") === "dark" ? "dark" : "light");
    if (svg === null) return c.json({ error: "there is nothing to draw yet" }, 404);
    return c.body(svg, 200, { "content-type": "image/svg+xml", "cache-control": "max-age=60" });
  });
  app.get("/export.csv", async (c) =>
    c.body(await pipeline.exportCsv(), 200, {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="hedgerow.csv"',
    }),
  );
  app.get("/api/performance", async (c) => c.json(await pipeline.performance()));
  app.get("/api/health", async (c) => c.json(await pipeline.health()));
  app.get("/api/status", async (c) => c.json(await pipeline.status()));
  app.get("/api/rates", async (c) => c.json(await pipeline.rates(c.req.query("asset"))));
  app.get("/api/costs", (c) => c.json(pipeline.costs()));
  app.get("/api/decisions", (c) => c.json(pipeline.decisions({ limit: 50 })));
  app.get("/api/decisions/:id", (c) => {
    const found = pipeline.decision(c.req.param("id"));
    return found ? c.json(found) : c.json({ error: "there is no such decision" }, 404);
  });
  app.get("/api/events", (c) =>
    streamSSE(c, async (stream) => {
      const ended = new AbortController();
      stream.onAbort(() => ended.abort());
      let last = "";
      let lastSentAt = 0;
      while (!ended.signal.aborted) {
        const now = JSON.stringify(await pipeline.status());
        if (now !== last || clock.wallNow() - lastSentAt > SILENCE_MS) {
          await stream.writeSSE({ event: "status", data: now });
          last = now;
          lastSentAt = clock.wallNow();
        }
        await clock.sleep(EVENT_MS, ended.signal);
      }
    }),
  );

  app.notFound((c) => c.json({ error: "there is nothing here; the page is at /" }, 404));
  app.onError((error, c) => {
    log.error("dashboardFailed", { error: describeError(error) });
    return c.json({ error: "this could not be shown now; trading is not affected" }, 500);
  });
  return {
    fetch: async (request, peer = null) =>
      redactResponse(await app.fetch(request, { peer }), options.redact),
  };
}

async function facts(pipeline: Pipeline) {
  const [status, rates, performance] = await Promise.all([
    pipeline.status(),
    pipeline.rates(),
    pipeline.performance(),
  ]);
  const decisions = pipeline.decisions({ limit: DECISIONS_SHOWN });
  return { status, rates, performance, decisions, costs: pipeline.costs() };
}
