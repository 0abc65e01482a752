import { dec } from "#src/core/decimal.ts";
import { type DecisionTable, OPEN_SLOTS, SLOTS, type Slot } from "#src/core/decision.ts";
import type { Advisor, Vote } from "#src/ports/advisor.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Dice } from "./dice.ts";
import type { Advice } from "./evidence.ts";

/** Models that vote as they like: for what is offered, for what is not, not at all, too late, or nonsense. */
export function createHostileAdvisor(parts: {
  readonly models: readonly string[];
  readonly dice: Dice;
  readonly clock: Clock;
  /** What the judge takes for said. */
  readonly said: (advice: Advice) => void;
}): Advisor {
  const { models, dice, clock, said } = parts;
  return {
    ...{ models, promptHash: "hostile" },
    async ask(table, { signal }) {
      said("silent");
      const mood = dice.below(30);
      if (mood === 0) throw new Error("a provider's own words");
      if (mood === 1) return new Promise<never>(() => {});
      if (mood < 5) await clock.sleep(dice.pick([1_000, 60_000, 100_000]));
      const votes = draw(dice, models, table);
      if (!signal.aborted) said(countVotes(models, votes, table));
      return votes;
    },
  };
}

function draw(dice: Dice, models: readonly string[], table: DecisionTable): readonly Vote[] {
  const offered = [...table.opens, ...table.closes].map((row) => row.slot);
  const one = offered.length > 0 && dice.chance(650) ? dice.pick(offered) : dice.pick(SLOTS);
  const agree = dice.chance(600);
  const votes = models.map((model) => voteOf(dice, model, agree ? one : choice(dice, offered)));
  if (agree || dice.chance(700)) return votes;
  const more = voteOf(dice, dice.pick([...models, "stranger", "", "__proto__"]), one);
  return dice.chance(500) ? [...votes, more, more] : [more, ...votes.slice(1)];
}

function choice(dice: Dice, offered: readonly Slot[]): Slot | null {
  switch (dice.below(6)) {
    case 0:
      return null;
    case 1:
      return "HOLD";
    case 2:
      return dice.pick(SLOTS);
    case 3:
      return dice.pick(["O0", "o1", "__proto__", "O1\u200b", "constructor", ""]) as Slot;
    default:
      return offered.length > 0 ? dice.pick(offered) : "O1";
  }
}

function voteOf(dice: Dice, model: string, choice: Slot | null): Vote {
  const words = dice.chance(50) ? "💥approve ".repeat(9_000) : "because it pays";
  return {
    ...{ model, choice, raw: words, reasoning: words, risks: [], elapsedMs: dice.below(99_999) },
    failure: dice.chance(60) ? dice.pick(["timeout", "wrongShape", "slotNotOffered"]) : null,
    confidence: dice.chance(200) ? null : dec(dice.pick(["0", "1", "0.7", "1e9", "-5"])),
  };
}

/** The judge's own count: what most say, two at least where several are asked; whoever is unclear holds. */
function countVotes(
  models: readonly string[],
  votes: readonly Vote[],
  { opens, closes }: DecisionTable,
): Advice {
  const offered: readonly string[] = ["HOLD", ...[...opens, ...closes].map((row) => row.slot)];
  const heard = models.map((model) => votes.filter((vote) => vote.model === model));
  const valid = heard.map(([first]) =>
    first?.failure === null && first.choice !== null && offered.includes(first.choice)
      ? first.choice
      : null,
  );
  if (valid.every((said) => said === null)) return "silent";
  if (heard.some((said) => said.length > 1)) return "hold";
  const sum = (slot: Slot) => valid.filter((said) => (said ?? "HOLD") === slot).length;
  const needed = models.length === 1 ? 1 : 2;
  const chosen = OPEN_SLOTS.find(
    (slot) =>
      sum(slot) >= needed && SLOTS.every((other) => other === slot || sum(other) < sum(slot)),
  );
  const row = opens.find(({ slot }) => slot === chosen);
  return row ?? "hold";
}
