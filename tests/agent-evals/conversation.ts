import { expect } from "bun:test";
import type { Accepted } from "#src/agent/contract.ts";
import type { TapResult } from "#src/pipeline/contract.ts";
import type { TurnState } from "#src/ports/store.ts";
import { Desk, type DeskOptions, OWNER } from "#tests/agent-evals/desk.ts";
import { judge, judgeDelivery } from "#tests/agent-evals/judge.ts";
import { HOLD, type Step } from "#tests/agent-evals/script.ts";

/** What the owner types, what the models answer to it, and what must be true of the turn. */
interface Saying {
  readonly owner: string;
  readonly model?: readonly Step[];
  readonly taken?: Accepted["kind"];
  readonly state?: TurnState;
  readonly answer?: RegExp | readonly RegExp[];
  readonly never?: RegExp;
  /** Names in the order of the calls. */
  readonly tools?: readonly string[];
  /** Of the results of its calls. */
  readonly results?: RegExp | readonly RegExp[];
}

export type Act =
  | Saying
  | { readonly taps: "approve" | "decline"; readonly back?: number; readonly is: TapResult["kind"] }
  /** Ends the wait of a turn that holds. */
  | { readonly releases: Exclude<Step, typeof HOLD>; readonly answer?: RegExp }
  | { readonly does: (desk: Desk) => unknown };

export interface Conversation {
  readonly rule: string;
  readonly desk?: DeskOptions;
  readonly acts: readonly Act[];
  /** At the end. */
  readonly ends: {
    /** As "BTC open". */
    readonly hedges?: readonly string[];
    /** Oldest first, as "open BTC awaiting". */
    readonly proposals?: readonly string[];
    readonly turns?: readonly TurnState[];
    /** Requests on the wire, as "first ok" or "second timeout". */
    readonly asked?: readonly string[];
    readonly orders?: number;
  };
}

/** Plays one on a desk of its own; what must hold of every conversation is judged at the end. */
export async function play({ desk: options, acts, ends }: Conversation): Promise<void> {
  const desk = await new Desk(options).begin();
  try {
    for (const act of acts) await perform(desk, act);
    expect(desk.script.left()).toBe(0);
    desk.deliver();
    judgeDelivery(desk);
    judge(desk);
    expect(lookAt(desk)).toMatchObject(ends);
  } finally {
    desk.close();
  }
}

async function perform(desk: Desk, act: Act): Promise<void> {
  if ("owner" in act) return say(desk, act);
  if ("does" in act) return void (await act.does(desk));
  if ("taps" in act) {
    const { kind } = await desk.tap(act.taps, act.back);
    expect(kind).toBe(act.is);
    return;
  }
  desk.script.release(act.releases);
  await desk.agent.idle();
  if (act.answer) expect(desk.turns().at(-1)?.answer ?? "").toMatch(act.answer);
}

async function say(desk: Desk, saying: Saying): Promise<void> {
  const { agent, script, store } = desk;
  const { model = [], taken = "running" } = saying;
  script.add(model);
  const accepted = await agent.ask({ chatId: OWNER, text: saying.owner, watcher: null });
  expect(accepted.kind).toBe(taken);
  if (accepted.kind !== "running") return;
  if (model.includes(HOLD)) {
    while (script.held() === 0) await Bun.sleep(0);
    return;
  }
  await agent.idle();
  const turn = store.getTurn(accepted.turnId);
  const calls = store.callsOf(accepted.turnId);
  const answer = turn?.answer ?? "";
  expect({ state: turn?.state, answer }).toEqual({ state: saying.state ?? "answered", answer });
  for (const pattern of [saying.answer ?? []].flat()) expect(answer).toMatch(pattern);
  if (saying.never) expect(answer).not.toMatch(saying.never);
  if (saying.tools) expect(calls.map(({ name }) => name)).toEqual([...saying.tools]);
  const results = calls.map(({ resultJson }) => resultJson).join("\n");
  for (const pattern of [saying.results ?? []].flat()) expect(results).toMatch(pattern);
}

function lookAt(desk: Desk) {
  const { store, turns } = { store: desk.store, turns: desk.turns() };
  const byTurn = [...turns, ...store.liveTurns()].flatMap(({ id }) => store.listModelCalls(id));
  return {
    hedges: store.listHedges().map(({ asset, phase }) => `${asset} ${phase}`),
    proposals: store
      .listProposals()
      .map(({ proposal, state }) => `${proposal.kind} ${proposal.asset} ${state}`)
      .reverse(),
    turns: turns.map(({ state }) => state),
    asked: byTurn.map(({ model, failure }) => `${model} ${failure ?? "ok"}`),
    orders: [...desk.venues.values()].flatMap(({ placed }) => placed).length,
  };
}
