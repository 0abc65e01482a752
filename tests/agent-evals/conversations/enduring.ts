import { expect } from "bun:test";
import type { Conversation } from "#tests/agent-evals/conversation.ts";
import { type Desk, OWNER } from "#tests/agent-evals/desk.ts";
import { calls, fails, HOLD, says } from "#tests/agent-evals/script.ts";

const NOTHING = { hedges: [], proposals: [], orders: 0 } as const;
const wish = calls.bind(null, "propose_hedge", { asset: "BTC", candidateId: null });
const ask = (text: string) => (desk: Desk) =>
  desk.agent.ask({ chatId: OWNER, text, watcher: null });

/** What happens around a turn: others' questions, stops, restarts, budgets and providers that are down. */
export const ENDURING: readonly Conversation[] = [
  {
    rule: "a second question waits and is answered next",
    acts: [
      { owner: "first?", model: [HOLD, says("Second answer.")] },
      { owner: "second?", taken: "waiting" },
      { releases: says("First answer."), answer: /^Second answer\.$/ },
    ],
    ends: { ...NOTHING, turns: ["answered", "answered"] },
  },
  {
    rule: "a third question at once is not taken, and leaves nothing behind",
    acts: [
      { owner: "first?", model: [HOLD, says("Second answer.")] },
      { owner: "second?", taken: "waiting" },
      { owner: "third?", taken: "busy" },
      { releases: says("First answer.") },
    ],
    ends: { turns: ["answered", "answered"], asked: ["first ok", "first ok"] },
  },
  {
    rule: "a stop ends what runs and what waits, each with a word",
    acts: [
      { owner: "first?", model: [HOLD] },
      { owner: "second?", taken: "waiting" },
      { does: (desk) => expect(desk.agent.stop(OWNER)).toBe(true) },
      { does: (desk) => desk.agent.idle() },
      { does: (desk) => expect(desk.agent.stop(OWNER)).toBe(false) },
    ],
    ends: { ...NOTHING, turns: ["stopped", "stopped"] },
  },
  {
    rule: "after a stop the next question is answered",
    acts: [
      { owner: "first?", model: [HOLD] },
      { does: (desk) => desk.agent.stop(OWNER) },
      { owner: "again?", model: [says("Yes.")], answer: /^Yes\.$/ },
    ],
    ends: { turns: ["stopped", "answered"] },
  },
  {
    rule: "a reply that comes after the stop changes nothing",
    acts: [
      { owner: "hedge BTC", model: [HOLD] },
      { does: (desk) => desk.agent.stop(OWNER) },
      { releases: wish() },
    ],
    ends: { ...NOTHING, turns: ["stopped"] },
  },
  {
    rule: "a /kill during a turn ends it and flattens, without waiting for the model",
    acts: [
      { owner: "hedge BTC", model: [wish(), says("A card waits.")] },
      { taps: "approve", is: "opening" },
      { owner: "how is it?", model: [HOLD] },
      {
        async does(desk) {
          const killing = desk.pipeline.kill("owner");
          desk.agent.stopAll();
          expect((await killing).flat).toBe(true);
          expect(desk.store.tradingState()).toBe("halted");
        },
      },
    ],
    ends: { hedges: ["BTC closed"], turns: ["answered", "stopped"] },
  },
  {
    rule: "after a /kill a wish is denied until the owner resumes by a tap",
    acts: [
      { does: (desk) => desk.pipeline.kill("owner") },
      { owner: "hedge BTC", model: [wish(), says("Denied: halted.")], results: /TRADING_HALTED/ },
      { does: (desk) => desk.pipeline.tend() },
      { does: (desk) => expect(desk.pipeline.offerResume()).toBe(true) },
      { taps: "approve", is: "resumed" },
      { owner: "hedge BTC", model: [wish(), says("A card waits.")], results: /awaiting_owner/ },
      { taps: "approve", is: "opening" },
    ],
    ends: { hedges: ["BTC open"] },
  },
  {
    rule: "killed before the first reply, a turn is told of and not run again",
    acts: [
      { owner: "hedge BTC", model: [HOLD] },
      { does: (desk) => desk.restart() },
      { owner: "again", model: [says("Here I am.")], answer: /Here I am/ },
    ],
    ends: { ...NOTHING, turns: ["interrupted", "answered"] },
  },
  {
    rule: "killed between a call and the next reply, the call is not run again and its card stays good",
    acts: [
      { owner: "hedge BTC", model: [wish(), HOLD] },
      { does: (desk) => desk.restart() },
      { does: (desk) => expect(desk.turns()[0]?.answer).toMatch(/card still waits/) },
      { taps: "approve", is: "opening" },
    ],
    ends: { hedges: ["BTC open"], turns: ["interrupted"], proposals: ["open BTC executed"] },
  },
  {
    rule: "killed with a question that waits, both are told of",
    acts: [
      { owner: "first?", model: [HOLD] },
      { owner: "second?", taken: "waiting" },
      { does: (desk) => desk.restart() },
    ],
    ends: { ...NOTHING, turns: ["interrupted", "interrupted"] },
  },
  {
    rule: "killed after the answer, nothing of the turn is told again",
    acts: [
      { owner: "hello", model: [says("Hello.")] },
      { does: (desk) => desk.restart() },
      { does: (desk) => desk.restart() },
    ],
    ends: { turns: ["answered"], asked: ["first ok"] },
  },
  {
    rule: "a turn that takes longer than ninety seconds ends by itself",
    acts: [
      { owner: "slow?", model: [HOLD] },
      { does: (desk) => desk.clock.jump(91_000) },
      { does: (desk) => desk.agent.idle() },
      { does: (desk) => expect(desk.turns()[0]?.answer).toMatch(/This question traded nothing/) },
    ],
    ends: { ...NOTHING, turns: ["failed"] },
  },
  {
    rule: "a limit of the provider is waited out once",
    acts: [
      { owner: "rates", model: [fails("rateLimited", 2_000), says("Here.")], answer: /^Here\.$/ },
    ],
    ends: { ...NOTHING, asked: ["first rateLimited", "first ok"] },
  },
  {
    rule: "a provider that is down falls back to the next, which says so",
    desk: { models: 2 },
    acts: [
      {
        owner: "hello",
        model: [fails("overloaded"), fails("overloaded"), says("Hello from the second.")],
        answer: [/Hello from the second/, /first is overloaded/],
      },
    ],
    ends: { ...NOTHING, asked: ["first overloaded", "first overloaded", "second ok"] },
  },
  {
    rule: "when every provider is down the rules answer, with the tools' own figures",
    desk: { models: 2 },
    acts: [
      {
        owner: "what does BTC pay?",
        model: [fails("network"), fails("network"), fails("quota")],
        answer: [/BTC/, /rules/],
        tools: ["get_rates"],
        never: /Not from this turn/,
      },
    ],
    ends: {
      ...NOTHING,
      asked: ["first network", "first network", "second quota", "offline ok", "offline ok"],
    },
  },
  {
    rule: "a turn that fell back stays with the model it fell to",
    desk: { models: 2 },
    acts: [
      {
        owner: "rates",
        model: [fails("quota"), calls("get_rates", { asset: "BTC" }), says("Here.")],
        answer: /Here\./,
      },
    ],
    ends: { ...NOTHING, asked: ["first quota", "second ok", "second ok"] },
  },
  {
    rule: "a provider that fails in the middle of a turn leaves the next one the results",
    desk: { models: 2 },
    acts: [
      {
        owner: "what does BTC pay?",
        model: [
          calls("get_rates", { asset: "BTC" }),
          fails("protocol"),
          (request) => says(request.messages.at(-1)?.role === "tool" ? "From the result." : "?"),
        ],
        answer: /From the result/,
        tools: ["get_rates"],
      },
    ],
    ends: { ...NOTHING, asked: ["first ok", "first protocol", "second ok"] },
  },
  {
    rule: "a key that is refused is not asked twice",
    acts: [{ owner: "status", model: [fails("unauthorised")], answer: /refuses our key/ }],
    ends: { ...NOTHING, asked: ["first unauthorised", "offline ok", "offline ok"] },
  },
  {
    rule: "a day's budget that is used up leaves the rules, and no request goes out",
    desk: { chatUsdPerDay: 0.004 },
    acts: [
      { owner: "hello", model: [says("Hello.")] },
      { owner: "status", answer: /budget/ },
      {
        does: (desk) => {
          const alerts = desk.store.recentAlerts(10).map(({ text }) => text);
          desk.deliver();
          expect(alerts.filter((text) => /budget/.test(text)).length).toBe(1);
        },
      },
    ],
    ends: { ...NOTHING, asked: ["first ok", "offline ok", "offline ok"] },
  },
  {
    rule: "the next day's budget is a new one",
    desk: { chatUsdPerDay: 0.004 },
    acts: [
      { owner: "hello", model: [says("Hello.")] },
      { owner: "status" },
      { does: (desk) => desk.clock.jump(24 * 3_600_000) },
      { owner: "hello again", model: [says("Hello again.")], answer: /^Hello again\.$/ },
    ],
    ends: { asked: ["first ok", "offline ok", "offline ok", "first ok"] },
  },
  {
    rule: "a question's budget that is used up leaves the rest of it to the rules",
    desk: { chatUsdPerTurn: 0.004 },
    acts: [
      {
        owner: "what does BTC pay?",
        model: [calls("get_rates", { asset: "BTC" })],
        answer: /this question's budget/,
      },
    ],
    ends: { ...NOTHING, asked: ["first ok", "offline ok"] },
  },
  {
    rule: "a failed turn is over: the next question is answered",
    desk: { models: 1 },
    acts: [
      { owner: "?", model: [says("")], state: "failed" },
      { owner: "and now?", model: [says("Now.")], answer: /^Now\.$/ },
    ],
    ends: { turns: ["failed", "answered"] },
  },
  {
    rule: "questions of another chat run beside and stay apart",
    acts: [
      { owner: "first?", model: [HOLD] },
      {
        async does(desk) {
          desk.script.add([says("For the other chat.")]);
          await desk.agent.ask({ chatId: 77, text: "hello", watcher: null });
          while (desk.turns(77).length === 0) await Bun.sleep(0);
          expect(desk.turns(77)[0]?.answer).toBe("For the other chat.");
          expect(desk.script.requests.at(-1)?.request.messages.length).toBe(1);
          desk.store.transaction(() => {
            for (const { id, chatId } of desk.store.dueOutbox(Number.MAX_SAFE_INTEGER, 9))
              if (chatId === 77) desk.store.markDelivered(id, desk.clock.wallNow());
          });
          desk.script.requests.pop();
        },
      },
      { releases: says("For this one.") },
    ],
    ends: { turns: ["answered"] },
  },
  {
    rule: "whoever asks while an answer is being given is answered in the order of asking",
    acts: [
      { owner: "first?", model: [HOLD, HOLD, says("Third.")] },
      { owner: "second?", taken: "waiting" },
      {
        async does(desk) {
          desk.script.release(says("First."));
          while (desk.turns().length === 0 || desk.script.held() === 0) await Bun.sleep(0);
        },
      },
      { owner: "third?", taken: "waiting" },
      { releases: says("Second."), answer: /^Third\.$/ },
      {
        does: (desk) =>
          expect(desk.turns().map(({ answer }) => answer)).toEqual(["First.", "Second.", "Third."]),
      },
    ],
    ends: { turns: ["answered", "answered", "answered"] },
  },
  {
    rule: "over forty turns the history is cut in big steps, and what was wished is not lost",
    acts: [
      {
        async does(desk) {
          for (let turn = 1; turn <= 40; turn += 1) {
            desk.script.add([says("An answer.")]);
            await ask(`question number ${turn}`)(desk);
            await idleWithNotes(desk);
          }
          const lengths = desk.script.requests.map(({ request }) => request.messages.length);
          expect(Math.max(...lengths)).toBeLessThanOrEqual(2 * 14 + 3);
          expect(desk.store.getSummary(OWNER)?.text).toContain("The owner likes hedges.");
        },
      },
    ],
    ends: { hedges: [], orders: 0 },
  },
];

/** A cut of the history asks the model for notes: the script gives it one whenever it is wanted. */
async function idleWithNotes(desk: Desk): Promise<void> {
  desk.script.add([says("The owner likes hedges.")]);
  await desk.agent.idle();
  desk.script.drop();
}
