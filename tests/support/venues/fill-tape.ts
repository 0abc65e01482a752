import type { Fill } from "#src/core/order.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import type { PaperOrder } from "#src/venues/paper/paper-records.ts";

/** What happened in an engine since it was asked last: what a venue would push. */
export function createFillTape(engine: PaperEngine): () => {
  readonly orders: readonly PaperOrder[];
  readonly fills: readonly Fill[];
} {
  let fillsSeen = engine.state.fills.length;
  const known = new Map<string, string>();
  const textOf = ({ report }: PaperOrder) => `${report.status} ${report.filledBase.toFixed()}`;
  for (const [id, order] of engine.state.orders) known.set(id, textOf(order));
  return () => {
    const orders = [...engine.state.orders].filter(
      ([id, order]) => known.get(id) !== textOf(order),
    );
    for (const [id, order] of orders) known.set(id, textOf(order));
    const fills = engine.state.fills.slice(fillsSeen);
    fillsSeen = engine.state.fills.length;
    return { orders: orders.map(([, order]) => order), fills };
  };
}
