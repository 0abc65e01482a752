import type { CostsView } from "#src/reports/costs-view.ts";
import { formatPercent, formatUsd } from "#src/reports/format.ts";

/** What language models cost today, and who they are. */
export function CostsSection({ costs }: { readonly costs: CostsView }) {
  const names = [...costs.configured.chat, ...costs.configured.scan].map((one) =>
    one.missingKey === null ? one.name : `${one.name} (no key)`,
  );
  return (
    <section>
      <h2>Language models</h2>
      {names.length === 0 ? (
        <p>None is configured. Plain rules answer, and nothing is spent.</p>
      ) : (
        <>
          <p>{[...new Set(names)].join(", ")}</p>
          <table>
            {costs.budgets.map(({ purpose, usedUsd, perDayUsd, usedShare }) => (
              <tr>
                <td>{purpose} today</td>
                <td class="num">{formatUsd(usedUsd)}</td>
                <td class="num">of {formatUsd(perDayUsd)}</td>
                <td class="num">{usedShare === null ? "" : formatPercent(usedShare, 0)}</td>
              </tr>
            ))}
            <tr>
              <td>7 days</td>
              <td class="num">{formatUsd(costs.sevenDays.totalUsd)}</td>
            </tr>
          </table>
        </>
      )}
    </section>
  );
}
