import { expect, test } from "bun:test";
import type { PerformanceView } from "#src/reports/performance-view.ts";
import { pnlReply } from "#src/telegram/replies/pnl-reply.ts";
import { openChatDoor } from "#tests/support/chat-door.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";

const START = Date.UTC(2026, 0, 1);

async function aView(more: Partial<PerformanceView> = {}): Promise<PerformanceView> {
  const idle = await createIdlePipeline().performance();
  const total = {
    ...{ priceUsd: "-1.25", basisUsd: "-1", residualUsd: "-0.25", fundingUsd: "3.5" },
    ...{ feesUsd: "-0.75", interestUsd: "0", totalUsd: "1.5", realisedUsd: "2" },
    unrealisedUsd: "-0.5",
  };
  const equity = { equityUsd: "40001.5", equityAtStartUsd: "40000", unexplainedUsd: "0" };
  return { ...idle, total, ...equity, quoteFxUsd: "0", ...more };
}

test("the answer fits a phone, its figures stand under each other, and unknown is said", async () => {
  const { text } = pnlReply(await aView(), "");
  const tables = text.split("\n").slice(1, 22);
  expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(30);
  expect(text).toContain("Total                 +1.50\n  realised            +2.00");
  expect(text).toContain("Unexplained            0.00");
  expect(text).toContain("Sharpe        unknown    2");
  expect(text).toContain("A Sharpe ratio needs 30 whole days; 0 are known.");
  expect(text).not.toContain("different dollars");
  expect(text).not.toContain("Paid in or out");
});

test("what is missing is unknown, and what nobody can explain is said in words", async () => {
  const unknown = pnlReply(await aView({ total: null, unexplainedUsd: null }), "").text;
  expect(unknown).toContain("Total               unknown");
  const strange = pnlReply(await aView({ unexplainedUsd: "12", quoteFxUsd: null }), "").text;
  expect(strange).toContain("a deposit or withdrawal that a venue did not tell of");
  expect(strange).toContain("what their exchange rate made is unknown");
});

test("days and venues are tables of their own", async () => {
  const booked = { fundingUsd: "1", feesUsd: "-0.5", interestUsd: "0" };
  const view = await aView({
    days: [{ day: "2026-01-31", ...booked, gainUsd: "0.25", otherUsd: "-0.25" }],
    venues: [
      {
        ...{ venue: "okx-sim", priceUsd: null, ...booked, totalUsd: null, transfersUsd: "0" },
        equityUsd: null,
      },
    ],
  });
  expect(pnlReply(view, "days").text).toContain("01-31   +1.00 −0.50 +0.25");
  expect(pnlReply(view, "venues").text).toContain("okx unknown   +1.00 −0.50 unknown");
  expect(pnlReply(view, "hedges").text).toBe("No hedge was opened yet. /best shows what pays.");
});

test("/pnl sends the picture beside the figures, /export a file", async () => {
  const open = openChatDoor();
  try {
    const points = [0, 1, 2].map((hour) => ({ at: START + hour * 3_600_000, value: String(hour) }));
    open.pipeline.equityChart = async () => ({
      ...{ title: "Equity", note: "+2.00 USD since the start.", marks: [] },
      panels: [
        {
          ...{ title: "Equity, USD", weight: 1 },
          series: [{ name: "equity", shape: "line", tone: "main", points }],
        },
      ],
    });
    open.pipeline.exportCsv = async () => "time_utc\r\n";
    await open.say("/pnl");
    const picture = await open.chat.waitFor((line) => line["photoUrl"] !== undefined);
    expect(picture.text).toBe("+2.00 USD since the start.");
    await open.say("/export");
    const file = await open.chat.waitFor((line) => line["documentUrl"] !== undefined);
    expect(file["documentName"]).toMatch(/^hedgerow-\d{4}-\d\d-\d\d\.csv$/);
  } finally {
    await open.stop();
  }
});
