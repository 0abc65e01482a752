import { shortVenue } from "#src/core/words/plain-name.ts";
import { formatHours, formatNumber, formatPercent, formatUsd } from "#src/reports/format.ts";
import type { PerformanceView } from "#src/reports/performance-view.ts";

const DAYS_SHOWN = 14;

/** What it earned, in parts that add up, with the picture of it. */
export function ResultSection({ performance }: { readonly performance: PerformanceView }) {
  const { total, figures, days, venues } = performance;
  return (
    <section>
      <h2>What it earned</h2>
      <Equity isDrawn={performance.days.length > 0} />
      <Lines
        rows={[
          ["Funding settled", formatUsd(total?.fundingUsd ?? null, true)],
          ["Price: gap of the legs", formatUsd(total?.basisUsd ?? null, true)],
          ["Price: unequal legs", formatUsd(total?.residualUsd ?? null, true)],
          ["Fees", formatUsd(total?.feesUsd ?? null, true)],
          ["Borrow interest", formatUsd(total?.interestUsd ?? null, true)],
          ["Total", formatUsd(total?.totalUsd ?? null, true)],
          ["of it realised", formatUsd(total?.realisedUsd ?? null, true)],
          ["Paid in or out", formatUsd(performance.transfersUsd, true)],
          ["Unexplained", formatUsd(performance.unexplainedUsd, true)],
        ]}
      />
      <details>
        <summary>
          <b>How well</b>
        </summary>
        <Lines
          rows={[
            [
              "Sharpe ratio",
              figures.sharpe === null
                ? `needs ${figures.daysNeeded} days, ${figures.days} known`
                : `${formatNumber(figures.sharpe, 3)}, aim ${figures.targetSharpe}`,
            ],
            [
              "Payments won",
              `${formatPercent(figures.winRatePeriods, 0)}, aim ${formatPercent(figures.targetWinRate, 0)}`,
            ],
            ["Hedges won", formatPercent(figures.winRatePositions, 0)],
            ["Deepest fall", formatPercent(figures.maxDrawdown, 2)],
            ["Mean holding", formatHours(figures.averageHoldingHours)],
            [
              "Hedges / equity",
              `${formatPercent(figures.hedgesOverEquity)}, aim ${formatPercent(figures.targetUtilisation, 0)}`,
            ],
            ["All legs / equity", formatPercent(figures.grossOverEquity)],
            ["Margin / equity", formatPercent(figures.marginOverEquity)],
          ]}
        />
      </details>
      <details>
        <summary>
          <b>By venue</b>
        </summary>
        <Table
          head={["USD", "price", "funding", "fees", "total"]}
          rows={venues.map((one) => [
            shortVenue(one.venue),
            bare(one.priceUsd),
            bare(one.fundingUsd),
            bare(one.feesUsd),
            bare(one.totalUsd),
          ])}
        />
      </details>
      <details>
        <summary>
          <b>By day</b>
        </summary>
        <Table
          head={["USD", "funding", "fees", "gain"]}
          rows={days
            .slice(0, DAYS_SHOWN)
            .map((one) => [one.day, bare(one.fundingUsd), bare(one.feesUsd), bare(one.gainUsd)])}
        />
      </details>
      <p class="figures">
        <a href="/export.csv" download>
          Every row as CSV
        </a>
      </p>
    </section>
  );
}

function Equity({ isDrawn }: { readonly isDrawn: boolean }) {
  if (!isDrawn) return <p>The picture of it begins with the first full hour.</p>;
  return (
    <picture>
      <source srcset="/chart/equity.svg?theme=dark" media="(prefers-color-scheme: dark)" />
      <img
        class="chart"
        src="/chart/equity.svg"
        width="400"
        height="460"
        alt="Equity, its falls, and funding over time"
      />
    </picture>
  );
}

function Lines({ rows }: { readonly rows: readonly (readonly [string, string])[] }) {
  return (
    <table>
      {rows.map(([name, value]) => (
        <tr>
          <td>{name}</td>
          <td class="num">{value}</td>
        </tr>
      ))}
    </table>
  );
}

function Table(props: {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}) {
  return (
    <table>
      {[props.head, ...props.rows].map((cells) => (
        <tr>
          {cells.map((cell, index) => (
            <td class={index === 0 ? "" : "num"}>{cell}</td>
          ))}
        </tr>
      ))}
    </table>
  );
}

function bare(usd: string | null): string {
  return formatUsd(usd, true).replace(/ USD$/, "");
}
