import { FAULTS } from "./faults.ts";
import type { Schedule } from "./run-schedule.ts";

const START = 1_770_000_000_000;

/** What happened in a schedule, for a person who wants to know why it failed. */
export function tellStory({ swarm, store, truths }: Schedule): readonly string[] {
  const struck = FAULTS.flatMap((fault, index) => {
    const times = swarm.reached[index] ?? 0;
    return times > 0 ? [`${fault} ×${times}`] : [];
  });
  const orders = store
    .listAttempts({})
    .map(
      ({ createdAt, purpose, request, state, outcomeDetail, clientOrderId }) =>
        `  ${seconds(createdAt)} ${purpose} ${request.venue} ${request.side} ${request.sizeBase.toFixed()} ${request.timeInForce}: ${state}, ${outcomeDetail ?? "-"} (${clientOrderId})`,
    );
  const fills = truths.flatMap((truth) =>
    truth.fills.map(
      (fill) =>
        `  ${seconds(fill.filledAt)} ${truth.id} ${fill.side} ${fill.sizeBase.toFixed()} ${fill.cause} (${fill.clientOrderId})`,
    ),
  );
  const positions = truths.flatMap((truth) =>
    [...truth.positions].map(([symbol, size]) => `  ${truth.id} ${symbol} ${size.toFixed()}`),
  );
  const hedges = store
    .listHedges()
    .map(
      ({ id, phase, legs }) =>
        `  ${id} ${phase} ${legs.map((leg) => leg.heldBase.toFixed()).join(" / ")}`,
    );
  const said = store.alerts.map(
    ({ content }) => `  ${content.type === "alert" ? content.text : ""}`,
  );
  return [
    `faults: ${struck.join(", ")}`,
    ...["orders:", ...orders, "fills at the venues:", ...fills],
    ...["positions:", ...positions, "hedges in the books:", ...hedges, "said:", ...said],
  ];
}

function seconds(at: number): string {
  return `${((at - START) / 1_000).toFixed(2).padStart(7)} s`;
}
