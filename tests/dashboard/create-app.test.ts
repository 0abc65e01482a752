import { describe, expect, test } from "bun:test";
import { createDashboard } from "#src/dashboard/create-app.tsx";
import { readProof } from "#src/main/read-proof.ts";
import type { ChoiceDetail } from "#src/reports/choice-view.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

function dashboard(pipeline = createIdlePipeline()) {
  return createDashboard({
    pipeline,
    clock: createSystemClock(),
    log: silentLogger,
    proof: readProof,
    redact: (text) => text,
  });
}

async function get(path: string, init?: RequestInit) {
  const response = await dashboard().fetch(new Request(`http://localhost${path}`, init));
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("the page and its API", () => {
  test.each([
    "/",
    "/proof",
    "/parts",
    "/api/health",
    "/api/status",
    "/api/rates",
    "/api/costs",
    "/api/performance",
    "/api/decisions",
  ])("%s answers", async (path) => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
  });

  test("shows what is missing as unknown, never as 0", async () => {
    const { text } = await get("/");
    expect(text).toContain("<small>Equity</small><b>unknown</b>");
  });

  test("draws equity for light and dark, keeps the picture a while, and says when there is none", async () => {
    const pipeline = createIdlePipeline();
    let drawn = 0;
    const points = [
      { at: 0, value: "1" },
      { at: 1e7, value: "2" },
    ];
    pipeline.equityChart = async () => {
      drawn += 1;
      if (drawn === 1) return null;
      const series = [{ name: "equity", shape: "line", tone: "main", points }] as const;
      return {
        title: "Equity",
        note: "",
        panels: [{ title: "USD", weight: 1, series }],
        marks: [],
      };
    };
    const door = dashboard(pipeline);
    const look = (path: string) => door.fetch(new Request(`http://localhost${path}`));
    expect((await look("/chart/equity.svg")).status).toBe(404);
    const light = await look("/chart/equity.svg");
    expect(light.headers.get("content-type")).toBe("image/svg+xml");
    expect(await light.text()).toContain("#ffffff");
    await look("/chart/equity.svg");
    expect(drawn).toBe(2);
    expect(await (await look("/chart/equity.svg?theme=dark")).text()).toContain("#18201c");
  });

  test("gives the books as a file", async () => {
    const { status, headers } = await get("/export.csv");
    expect([status, headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
    expect(headers.get("content-disposition")).toContain("attachment");
  });

  test("shows what scans chose, and nothing that a model said about it", async () => {
    const pipeline = createIdlePipeline();
    const open = { action: "open", asset: "BTC", shortVenue: "a", longVenue: "b" } as const;
    const view: ChoiceDetail = {
      ...{ id: "S-1", at: "2026-02-02T10:30:00Z", choice: open, policy: open, gates: ["TIE"] },
      ...{
        decidedBy: "models",
        results: [],
        costMicroUsd: 1,
        promptHash: "p",
        offered: [],
        costRate: null,
      },
      votes: [{ model: "m1", choice: open, confidence: "0.7", failure: null, risks: [] }],
      outcomes: [
        { horizonHours: 8, state: "known", netRate: "0.001", policyNetRate: null, pnlUsd: null },
      ],
      comments: [{ model: "m1", won: true, text: "a model's words" }],
    };
    pipeline.decisions = () => [view];
    pipeline.decision = (id) => (id === "S-1" ? view : null);
    const fetched = async (path: string) =>
      (await dashboard(pipeline).fetch(new Request(`http://localhost${path}`))).text();
    const page = await fetched("/parts");
    expect(page).toContain("open BTC");
    expect(page).toContain("10.00 bp after 8 h");
    expect(page).not.toContain("words");
    expect(await fetched("/api/decisions/S-1")).toContain("a model's words");
    expect(await fetched("/api/decisions/S-2")).toContain("no such decision");
  });

  test("only shows: every other method is refused", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect((await get("/api/status", { method })).status).toBe(405);
    }
  });

  test("an unknown path is one clear line", async () => {
    expect(await get("/../etc/passwd")).toMatchObject({
      status: 404,
      text: expect.stringMatching(/^\{"error":"[^\n]+"\}$/),
    });
  });

  test("a failure behind it is one clear line, without a stack", async () => {
    const pipeline = createIdlePipeline();
    pipeline.status = () => Promise.reject(new Error("secret detail at file.ts:1"));
    const response = await dashboard(pipeline).fetch(new Request("http://localhost/api/status"));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/secret|file\.ts/);
  });

  test("events begin with the status at once", async () => {
    const response = await dashboard().fetch(new Request("http://localhost/api/events"));
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    expect(new TextDecoder().decode(value)).toStartWith('event: status\ndata: {"mode":"demo"');
  });
});
