import { describe, expect, test } from "bun:test";
import { RetryableError } from "#src/core/errors.ts";
import { RequestGate, type Urgency } from "#src/venues/gate/request-gate.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";

function createGate(perSecond = 10, burst = 8) {
  const clock = createFakeClock();
  const gate = new RequestGate({ name: "Alpha", clock, perSecond, burst });
  const passed: string[] = [];
  const ask = (urgency: Urgency, name: string = urgency, cost = 1) =>
    gate.admit(urgency, cost).then(
      () => void passed.push(name),
      (error: unknown) => {
        expect(error).toBeInstanceOf(RetryableError);
        passed.push(`${name} refused`);
      },
    );
  const settled = () => clock.advance(0);
  return { gate, clock, passed, ask, settled };
}

const none = new Headers();

describe("the token bucket", () => {
  test("lets a burst go at once after idling, however long the venue's interval is", async () => {
    const { passed, ask, settled } = createGate();
    for (let count = 0; count < 6; count += 1) void ask("open");
    await settled();
    expect(passed).toHaveLength(6);
  });

  test("keeps a reserve for what reduces: reads and opens wait, closes do not", async () => {
    const { clock, passed, ask, settled } = createGate();
    for (let count = 0; count < 7; count += 1) void ask("read");
    await settled();
    expect(passed).toEqual(Array(6).fill("read"));
    void ask("reduce");
    void ask("reduce");
    await settled();
    expect(passed.filter((one) => one === "reduce")).toHaveLength(2);
    await clock.advance(300);
    expect(passed.filter((one) => one === "read")).toHaveLength(7);
  });

  test("leaves room when it reads ahead: what somebody waits for goes at once", async () => {
    const { clock, passed, ask, settled } = createGate(10, 10);
    for (let count = 0; count < 6; count += 1) void ask("ahead");
    await settled();
    expect(passed).toEqual(Array(4).fill("ahead"));
    void ask("read");
    void ask("open");
    await settled();
    expect(passed.slice(4)).toEqual(["read", "open"]);
    await clock.advance(200);
    expect(passed.length).toBe(6);
    for (let step = 0; step < 4; step += 1) await clock.advance(100);
    expect(passed.slice(6)).toEqual(["ahead", "ahead"]);
  });

  test("lets our own account be looked at while a scan has used up what it may", async () => {
    const { passed, ask, settled } = createGate();
    for (let count = 0; count < 20; count += 1) void ask("read");
    void ask("watch");
    await settled();
    expect(passed.filter((one) => one === "watch")).toHaveLength(1);
    expect(passed.filter((one) => one === "read")).toHaveLength(6);
  });

  test("refuses at once what would wait too long, and an opening sooner than a close", async () => {
    const { passed, ask, settled } = createGate(1, 4);
    for (let count = 0; count < 4; count += 1) await ask("reduce");
    void ask("open");
    void ask("reduce", "close");
    await settled();
    expect(passed).toContain("open refused");
    expect(passed).not.toContain("close refused");
  });

  test("lets a request through that costs more than the whole burst, once it is full", async () => {
    const { passed, ask, settled } = createGate(10, 4);
    void ask("read", "big", 40);
    await settled();
    expect(passed).toEqual(["big"]);
  });
});

describe("what the venue asks for", () => {
  test.each([
    ["Retry-After in seconds", 429, { "retry-after": "3" }, "", 3_000],
    ["the end of a ban in the message", 418, {}, "IP banned until 1770000060000", 60_000],
    ["a rate limit without a time", 429, {}, "slow down", 1_000],
    [
      "a reset time in a header",
      429,
      { "x-bapi-limit-reset-timestamp": "1770000002500" },
      "",
      2_500,
    ],
  ] as const)("honours %s", async (_name, status, headers, text, waitMs) => {
    const { gate, clock, passed, ask, settled } = createGate();
    gate.answered(status, new Headers(headers), text);
    await clock.advance(waitMs - 1);
    void ask("reduce");
    await settled();
    expect(passed).not.toContain("reduce");
    await clock.advance(1);
    await clock.advance(1);
    expect(passed).toContain("reduce");
  });
});

describe("the circuit", () => {
  test("opens at the fifth failure in a row, and not when an answer came in between", () => {
    const { gate } = createGate();
    for (let count = 0; count < 4; count += 1) gate.failed("it does not answer");
    expect(gate.health().state).toBe("ok");
    gate.answered(200, none, "{}");
    for (let count = 0; count < 4; count += 1) gate.answered(503, none, "");
    expect(gate.health().state).toBe("ok");
    gate.failed("it does not answer");
    expect(gate.health()).toEqual({ state: "down", reason: "it does not answer" });
  });

  test("opens at web pages, which are no answers, whatever HTTP calls them", () => {
    for (const status of [200, 403]) {
      const { gate } = createGate();
      for (let count = 0; count < 5; count += 1) gate.answered(status, none, "<html>later</html>");
      expect(gate.health()).toEqual({
        state: "down",
        reason: `it answers HTTP ${status} with a web page`,
      });
    }
  });

  test("is trusted again only after its positions were read twice, a second apart", async () => {
    const { gate, clock } = createGate();
    for (let count = 0; count < 5; count += 1) gate.failed("it does not answer");
    gate.positionsRead();
    expect(gate.health().state).toBe("down");
    gate.answered(200, none, "{}");
    gate.positionsRead();
    gate.positionsRead();
    expect(gate.health().state).toBe("recovering");
    await clock.advance(1_000);
    gate.positionsRead();
    expect(gate.health()).toEqual({ state: "ok", reason: null });
  });

  test("falls back to down at one failure while it recovers", () => {
    const { gate } = createGate();
    for (let count = 0; count < 5; count += 1) gate.failed("it does not answer");
    gate.answered(200, none, "{}");
    gate.failed("it does not answer");
    expect(gate.health().state).toBe("down");
  });

  test("is open at once while the venue bans us or refuses our key", () => {
    const banned = createGate().gate;
    banned.answered(418, none, "");
    expect(banned.health().state).toBe("down");
    const { gate } = createGate();
    gate.keyRefused();
    expect(gate.health()).toEqual({ state: "down", reason: "it refuses our key" });
  });
});
