import { expect, test } from "bun:test";
import { chooseAdvisor } from "#src/main/models/choose-advisor.ts";
import type { Advisor } from "#src/ports/advisor.ts";
import { type LanguageModel, ModelError, type ModelReply } from "#src/ports/language-model.ts";
import { closeCandidate, decisionTable, openCandidate } from "#tests/support/decision-tables.ts";
import { createFakeClock, type FakeClock } from "#tests/support/fake-clock.ts";
import { createScriptedModel, replyOf } from "#tests/support/scripted-model.ts";

const TABLE = decisionTable([openCandidate()], [closeCandidate()]);
const GOOD = JSON.stringify({
  ...{ choice: "O1", confidence: 0.6, reasoning: "steady", risks: ["THIN_BOOK"] },
});

function advisorOf(clock: FakeClock, ...models: readonly LanguageModel[]): Advisor {
  const advisor = chooseAdvisor(models, clock);
  if (!advisor) throw new Error("no models");
  return advisor;
}

/** A model that answers when it is told to, and hears nothing. */
function deafModel(id: string) {
  const { promise, resolve } = Promise.withResolvers<ModelReply>();
  return {
    model: { id, reply: () => promise },
    answer: (text: string) => resolve(replyOf({ text })),
  };
}

const ask = (advisor: Advisor, signal = new AbortController().signal) =>
  advisor.ask(TABLE, { decisionId: "D1", signal });

test("nobody is asked where no model is set", () => {
  expect(chooseAdvisor([], createFakeClock())).toBeNull();
});

test("a scan is one request on its decision, with the frozen prompt, the table and the schema alone", async () => {
  const { model, requests } = createScriptedModel({ text: GOOD });
  const advisor = advisorOf(createFakeClock(), model);
  const [vote] = await ask(advisor);
  expect(vote).toMatchObject({ model: "scripted", failure: null, choice: "O1", raw: GOOD });
  expect(requests).toHaveLength(1);
  const [request] = requests;
  expect(request).toMatchObject({ purpose: "scan", subjectId: "D1", tools: [], facts: null });
  expect(request?.messages).toHaveLength(1);
  expect(request?.answer?.schema).toMatchObject({ additionalProperties: false });
  await advisor.ask(decisionTable([], []), {
    ...{ decisionId: "D2", signal: new AbortController().signal },
  });
  expect(requests[1]?.system).toBe(request?.system ?? "");
  expect(requests[1]?.answer).toEqual(request?.answer ?? null);
});

test("the same prompt and schema have the same hash, whoever is asked", () => {
  const of = (id: string) => advisorOf(createFakeClock(), deafModel(id).model).promptHash;
  expect(of("a")).toBe(of("b"));
  expect(of("a")).toMatch(/^[0-9a-f]{64}$/);
});

test("all are asked at once, and their votes stand in the order of the models", async () => {
  const clock = createFakeClock();
  const [slow, quick] = [deafModel("slow"), deafModel("quick")];
  const advisor = advisorOf(clock, slow.model, quick.model);
  const votes = ask(advisor);
  quick.answer(GOOD);
  await clock.advance(0);
  await clock.advance(2_000);
  slow.answer(GOOD.replace("O1", "HOLD"));
  expect(
    (await votes).map(({ model, choice, elapsedMs }) => ({ model, choice, elapsedMs })),
  ).toEqual([
    { model: "slow", choice: "HOLD", elapsedMs: 2_000 },
    { model: "quick", choice: "O1", elapsedMs: 0 },
  ]);
  expect(advisor.models).toEqual(["slow", "quick"]);
});

test("whoever has not answered after 60 seconds has voted for nothing, also when it ignores its signal", async () => {
  const clock = createFakeClock();
  const { model } = createScriptedModel({ text: GOOD });
  const votes = ask(advisorOf(clock, deafModel("deaf").model, model));
  await clock.advance(59_999);
  await clock.advance(1);
  expect(await votes).toMatchObject([
    { failure: "timeout", choice: null, raw: null, elapsedMs: 60_000 },
    { failure: null, choice: "O1" },
  ]);
});

test("a scan that is stopped asks nobody, and stops who was asked", async () => {
  const clock = createFakeClock();
  const stop = new AbortController();
  const { model, requests } = createScriptedModel({ text: GOOD });
  const votes = ask(advisorOf(clock, deafModel("deaf").model), stop.signal);
  stop.abort();
  expect((await votes)[0]?.failure).toBe("aborted");
  expect((await ask(advisorOf(clock, model), stop.signal))[0]?.failure).toBe("aborted");
  expect(requests).toHaveLength(0);
});

test("a failing model is a failing vote, and hides no other", async () => {
  const { model: good } = createScriptedModel({ text: GOOD });
  const { model: poor } = createScriptedModel(new ModelError("overBudget", "spent"));
  const { model: odd } = createScriptedModel(new TypeError("a bug"));
  const { model: chatty } = createScriptedModel({ text: "I would OPEN O1" });
  const { model: eager } = createScriptedModel({ text: GOOD.replace("O1", "O2") });
  const votes = await ask(advisorOf(createFakeClock(), good, poor, odd, chatty, eager));
  expect(votes.map(({ failure, choice }) => [failure, choice])).toEqual([
    [null, "O1"],
    ["overBudget", null],
    ["protocol", null],
    ["notJson", null],
    ["slotNotOffered", null],
  ]);
});
