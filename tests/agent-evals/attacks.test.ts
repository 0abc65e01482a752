import { beforeAll, describe, expect, test } from "bun:test";
import { gateToolCall } from "#src/agent/gate-tool-call.ts";
import { renderReply } from "#src/agent/render-reply.ts";
import { createDashboard } from "#src/dashboard/create-app.tsx";
import { proposalCard } from "#src/telegram/cards/proposal-card.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createJumpingClock } from "#tests/support/fake-clock.ts";
import { createIdlePipeline } from "#tests/support/idle-pipeline.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { TOOLS } from "#tools/registry.ts";
import { hearUpdates } from "./attack-chat.ts";
import { type AttackRig, createAttackRig, everyTool, OWNER } from "./attack-rig.ts";
import { ATTACKS, attacksIn } from "./attacks.ts";

test("there are 200 attacks and more, each of its own", () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(200);
  expect(new Set(ATTACKS).size).toBe(ATTACKS.length);
});

describe("in a market's name", () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await createAttackRig([
      ...ATTACKS.map((attack, index) => ({ asset: `X${index}`, symbol: attack })),
      ...ATTACKS.map((attack, index) => ({ asset: attack, symbol: `Y${index}-PERP` })),
      ...ATTACKS.map((attack) => ({ asset: attack, symbol: attack })),
    ]);
  });

  test("an attack reaches no model, and the clean market beside it is still there", async () => {
    await rig.pipeline.scan();
    const read = await rig.turn("what pays best?");
    expect(attacksIn(read)).toEqual([]);
    expect(read).toContain("BTC-PERP");
  });

  test("it cannot be asked for, and leaves nothing in what waits to be sent", async () => {
    for (const attack of ATTACKS) {
      const { kind } = await rig.pipeline.proposeOpen({ asset: attack }, "agent");
      expect(kind).toBe("unavailable");
    }
    expect(attacksIn(rig.outbox())).toEqual([]);
    expect(rig.orders()).toBe(0);
  });

  test("pages, views and reasons do not show it", async () => {
    const { rates, opportunities, status, performance, explain } = rig.pipeline;
    const views = [await rates(), await opportunities(), await status(), await performance()];
    expect(attacksIn(JSON.stringify([...views, explain(null)]))).toEqual([]);
  });
});

describe("in what a venue says", () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await createAttackRig();
  });

  test("an error reaches no model and no message", async () => {
    for (let at = 0; at < ATTACKS.length; at += 2) {
      rig.alpha.silence = ATTACKS[at] ?? null;
      rig.beta.silence = ATTACKS[at + 1] ?? null;
      await Promise.all([
        rig.pipeline.rates(),
        rig.pipeline.proposeOpen({ asset: "BTC" }, "agent"),
        rig.pipeline.status(),
        rig.pipeline.tend(),
        rig.pipeline.watch(),
      ]);
      rig.clock.jump(16_000);
    }
    expect(attacksIn(await rig.turn("what is wrong?"))).toEqual([]);
    rig.alpha.silence = null;
    rig.beta.silence = null;
    rig.clock.jump(60_000);
    expect(attacksIn(rig.outbox())).toEqual([]);
    expect(rig.orders()).toBe(0);
  });

  test("a reason of a refused order reaches no model and no card", async () => {
    for (const attack of ATTACKS.slice(0, 12)) {
      rig.clock.jump(200_000);
      rig.alpha.refusal = attack;
      rig.beta.refusal = attack;
      await rig.pipeline.proposeOpen({ asset: "BTC" }, "owner");
      expect((await rig.tap()).kind).toBe("opening");
    }
    const stored = rig.store.listProposals().map(({ reason }) => reason);
    expect(attacksIn(JSON.stringify(stored))).toEqual([]);
    expect(attacksIn(await rig.turn("why did it fail?"))).toEqual([]);
    expect(attacksIn(rig.outbox())).toEqual([]);
    rig.alpha.refusal = null;
    rig.beta.refusal = null;
  });

  test("the name of a stranger's position is told without its tricks, and to no model", async () => {
    const own = await createAttackRig();
    await own.pipeline.proposeOpen({ asset: "BTC" }, "owner");
    await own.tap();
    own.alpha.strangers = ATTACKS;
    // It is told of when it was seen twice.
    await own.pipeline.tend();
    await own.pipeline.tend();
    const told = own.outbox().split("not a plain name").length - 1;
    expect(told).toBe(ATTACKS.length);
    expect(attacksIn(own.outbox())).toEqual([]);
    expect(attacksIn(await own.turn("what happened?"))).toEqual([]);
  });
});

describe("in what a model or a client of MCP sends", () => {
  test("an attack is refused or finds nothing, is not repeated, and nothing is ordered", async () => {
    const rig = await createAttackRig();
    const fields: readonly (readonly [string, (attack: string) => unknown])[] = [
      ["get_rates", (asset) => ({ asset })],
      ["find_opportunities", (asset) => ({ asset })],
      ["explain_decision", (asset) => ({ asset })],
      ["propose_hedge", (asset) => ({ asset, candidateId: null })],
      ["propose_hedge", (candidateId) => ({ asset: null, candidateId })],
      ["propose_close", (hedge) => ({ hedge })],
      ["get_status", (attack) => ({ [attack]: attack })],
      ["propose_hedge", (attack) => ({ asset: "BTC", candidateId: null, [attack]: 1 })],
    ];
    const context = { pipeline: rig.pipeline };
    for (const attack of ATTACKS) {
      const calls = [
        ...fields.map(([name, input]) => ({ name, argumentsJson: JSON.stringify(input(attack)) })),
        { name: attack, argumentsJson: "{}" },
        { name: "propose_hedge", argumentsJson: attack },
      ];
      for (const call of calls) {
        const json = await gateToolCall(
          { id: "c", ...call },
          TOOLS,
          context,
          silentLogger,
          rig.clock,
        );
        expect(() => JSON.parse(json)).not.toThrow();
        expect(attacksIn(json)).toEqual([]);
      }
    }
    expect(rig.store.listProposals()).toEqual([]);
    expect(rig.orders()).toBe(0);
  });
});

describe("in what a model wrote when it decided", () => {
  test("an attack is kept for the owner and comes back to no model", async () => {
    const rig = await createAttackRig();
    for (const [index, attack] of ATTACKS.entries()) {
      const detail = {
        ...{ reasoning: attack, raw: attack, [attack]: "1", spread8h: "0.0001" },
        votes: [{ model: attack, reasoning: attack, choice: "O1" }],
      };
      rig.store.transaction(() =>
        rig.store.insertDecision({
          ...{ id: `D-${index}`, at: rig.clock.marketNow(), kind: "scan", asset: "BTC" },
          ...{ outcome: attack, detail: JSON.stringify(detail) },
        }),
      );
      // The tool shows ten.
      if (index % 10 !== 9 && index !== ATTACKS.length - 1) continue;
      const read = await rig.turn("why?", [["explain_decision", { asset: "BTC" }]]);
      expect(attacksIn(read)).toEqual([]);
      expect(read).toContain("0.0001");
    }
  });
});

describe("in the owner's own question", () => {
  test("an attack is asked as it is, and still nothing but a tap trades", async () => {
    const rig = await createAttackRig();
    for (const attack of ATTACKS.slice(0, 40)) {
      const calls = [everyTool()[5] ?? ["", {}], ["approve", { nonce: "x" }]] as const;
      const read = await rig.turn(attack, calls);
      const nonces = rig.store.listApprovals({}).map(({ nonce }) => nonce);
      expect(nonces.filter((nonce) => read.includes(nonce))).toEqual([]);
    }
    expect(rig.orders()).toBe(0);
    expect(rig.store.listProposals({ states: ["awaiting"] }).length).toBeLessThanOrEqual(1);
  });

  test("nobody but the owner taps, whatever their button says", async () => {
    const rig = await createAttackRig();
    await rig.pipeline.proposeOpen({ asset: "BTC" }, "agent");
    const [approval] = rig.store.listApprovals({ state: "pending" });
    rig.store.transaction(() => rig.store.bindApprovalMessage(approval?.nonce ?? "", OWNER, 7));
    for (const attack of ATTACKS) {
      const own = { userId: OWNER, chatId: OWNER, messageId: 7 };
      expect((await rig.pipeline.approve({ ...own, nonce: attack })).kind).toBe("unknown");
      const stranger = { ...own, userId: 2, nonce: approval?.nonce ?? "" };
      expect((await rig.pipeline.approve(stranger)).kind).not.toBe("opening");
    }
    expect(rig.orders()).toBe(0);
  });
});

describe("in a message that is not the owner's own words", () => {
  test("an attack is neither asked nor answered with, however it hangs on one", async () => {
    const { asked, sent } = await hearUpdates(
      ATTACKS.flatMap((attack) => [
        {
          text: attack,
          forward_origin: { type: "hidden_user", sender_user_name: attack, date: 1 },
        },
        { text: attack, via_bot: { id: 9, is_bot: true, first_name: attack } },
        { caption: attack, photo: [{ file_id: "f", file_unique_id: "u", width: 1, height: 1 }] },
        { text: "status?", quote: { text: attack, position: 0 } },
        { text: "status?", reply_to_message: { message_id: 1, date: 1, text: attack } },
        { text: "status?", from: { first_name: attack, last_name: attack, username: attack } },
        { text: attack, from: { id: 666, first_name: attack } },
      ]),
    );
    expect(new Set(asked)).toEqual(new Set(["status?"]));
    expect(attacksIn(sent)).toEqual([]);
  });
});

describe("if an attack got into the rows all the same", () => {
  test("a card has our buttons and our kinds of entities only", () => {
    for (const attack of ATTACKS) {
      const [first, second] = openCheck().proposal.legs;
      const legs = [
        { ...first, symbol: attack, venue: attack },
        { ...second, symbol: attack },
      ] as const;
      const proposal = { ...openCheck().proposal, asset: attack, legs };
      const stored = { proposal, hash: "h", state: "awaiting", reason: null } as const;
      const days = { lookback: "14", horizon: "21" };
      const card = proposalCard(
        { stored, hedge: null, view: null, marketNow: 0, mode: "paper", days },
        "n",
      );
      const kinds = new Set<string>(card.entities.map(({ type }) => type));
      expect(["bold", "italic", "code", "pre"]).toEqual(expect.arrayContaining([...kinds]));
      const buttons = card.keyboard.inline_keyboard.flat();
      const data = buttons.map((button) => ("callback_data" in button ? button.callback_data : ""));
      expect(data).toEqual(["a:n", "d:n"]);
    }
  });

  test("an answer that repeats it has no link, no mention and no button", () => {
    for (const attack of ATTACKS) {
      const kinds = renderReply(attack).entities.map(({ type }) => type);
      expect(["bold", "italic", "code", "pre"]).toEqual(expect.arrayContaining(kinds));
    }
  });

  test("the page shows it as text", async () => {
    const idle = createIdlePipeline();
    const status = await idle.status();
    const at = "2026-01-01T00:00:00Z";
    const alerts = ATTACKS.map((text) => ({ at, severity: "info" as const, text }));
    const venues = ATTACKS.map((venue) => ({ venue, status: "ok" as const, equityUsd: "1" }));
    const dashboard = createDashboard({
      pipeline: { ...idle, status: async () => ({ ...status, alerts, venues }) },
      ...{ clock: createJumpingClock(), log: silentLogger, proof: () => null },
      redact: (text) => text,
    });
    const page = await (await dashboard.fetch(new Request("http://localhost/"))).text();
    const markup = ATTACKS.filter((attack) => /<[a-z/]/i.test(attack));
    expect(markup.length).toBeGreaterThan(20);
    expect(markup.filter((attack) => page.includes(attack))).toEqual([]);
  });
});
