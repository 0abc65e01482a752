import { raw } from "hono/html";
import { parseDecimal, sum } from "#src/core/decimal.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import type { ChoiceView } from "#src/reports/choice-view.ts";
import type { CostsView } from "#src/reports/costs-view.ts";
import {
  formatBps,
  formatClock,
  formatHeld,
  formatNumber,
  formatPercent,
  formatUsd,
  placeName,
} from "#src/reports/format.ts";
import type { PerformanceView } from "#src/reports/performance-view.ts";
import type { HedgeView, RatesView, StatusView } from "#src/reports/views.ts";
import { CostsSection } from "./costs-section.tsx";
import { Decisions } from "./decisions.tsx";
import { Page, Tile } from "./page.tsx";
import { RateBars } from "./rate-bars.tsx";
import { ResultSection } from "./result-section.tsx";
import script from "./status-page-script.txt" with { type: "text" };

interface Facts {
  readonly status: StatusView;
  readonly rates: RatesView;
  readonly costs: CostsView;
  readonly performance: PerformanceView;
  readonly decisions: readonly ChoiceView[];
}

/** What a person looks for on a phone; the parts are replaced as they change. */
export function StatusPage(facts: Facts) {
  return (
    <Page title="Hedgerow status">
      <main id="parts">
        <StatusParts {...facts} />
      </main>
      <script>{raw(script)}</script>
    </Page>
  );
}

export function StatusParts({ status, rates, costs, decisions, performance }: Facts) {
  return (
    <>
      <header>
        <h1>🌿 Hedgerow</h1>
        <span class="badge">{status.mode}</span>
        <span class={`badge ${status.tradingState}`}>{status.tradingState}</span>
      </header>
      <section class="tiles">
        <Tile name="Equity" value={formatUsd(status.equityUsd)} />
        <Tile name="Hedges" value={String(status.hedges.length)} />
        <Tile
          name="Funding"
          value={formatUsd(
            total(status, (one) => one.fundingUsd),
            true,
          )}
        />
        <Tile
          name="Result, open hedges"
          value={formatUsd(
            total(status, (one) => one.pnlUsd),
            true,
          )}
        />
      </section>
      <EntryStops stops={status.entryStops} />
      <Hedges hedges={status.hedges} />
      <ResultSection performance={performance} />
      <section>
        <h2>Mandate</h2>
        <p>
          {status.mandate
            ? `Armed until ${status.mandate.endsAt.slice(0, 10)}: ${formatUsd(status.mandate.usedUsd)} of ${formatUsd(status.mandate.totalUsd)} used, ${status.mandate.opensToday} of ${status.mandate.opensPerDay} opens today.`
            : "None. Scans propose, and only your tap opens."}
        </p>
      </section>
      <Decisions decisions={decisions} />
      <Rates rates={rates} />
      <section>
        <h2>Venues</h2>
        <table>
          {status.venues.map((venue) => (
            <tr>
              <td>{shortVenue(venue.venue)}</td>
              <td class={venue.status}>{venue.status === "ok" ? "answers" : "does not answer"}</td>
              <td class="num">{formatUsd(venue.equityUsd)}</td>
            </tr>
          ))}
        </table>
      </section>
      <CostsSection costs={costs} />
      <Alerts alerts={status.alerts} />
      <footer>
        Market time {status.marketTime.replace("T", " ").replace("Z", " UTC")}. Last scan{" "}
        {status.lastScanAt ? formatClock(status.lastScanAt) : "none yet"}, next{" "}
        {status.nextScanAt ? formatClock(status.nextScanAt) : "unknown"}. Cards waiting in the chat:{" "}
        {status.proposals.length}. <a href="/proof">When things go wrong</a>
      </footer>
    </>
  );
}

/** Only while there is one: on most days nothing holds openings back. */
function EntryStops({ stops }: { readonly stops: StatusView["entryStops"] }) {
  if (stops.length === 0) return null;
  return (
    <section>
      <h2>Nothing opens</h2>
      {stops.map(({ text }) => (
        <p>{text}.</p>
      ))}
    </section>
  );
}

function Hedges({ hedges }: { readonly hedges: readonly HedgeView[] }) {
  return (
    <section>
      <h2>Hedges</h2>
      {hedges.length === 0 ? <p>None is open. Ask in the chat what pays.</p> : null}
      {hedges.map((hedge) => (
        <article>
          <h3>
            {hedge.asset} <span class="badge">{hedge.phase}</span> <small>{hedge.id}</small>
          </h3>
          <table>
            {hedge.legs.map((leg) => (
              <tr>
                <td class={leg.side}>{leg.side}</td>
                <td>{placeName(leg, hedge.legs)}</td>
                <td class="num">{formatHeld(leg.sizeBase)}</td>
                <td class="num">@ {formatNumber(leg.entryPrice)}</td>
              </tr>
            ))}
          </table>
          <p class="figures">
            <span>funding {formatUsd(hedge.fundingUsd, true)}</span>
            <span>fees {formatUsd(hedge.feesUsd)}</span>
            <span>result {formatUsd(hedge.pnlUsd, true)}</span>
            <span>drift {formatPercent(hedge.driftRatio, 2)}</span>
            <span>size {formatUsd(hedge.notionalUsd)}</span>
          </p>
        </article>
      ))}
    </section>
  );
}

function Rates({ rates }: { readonly rates: RatesView }) {
  return (
    <section>
      <h2>Funding per 8 hours</h2>
      {rates.assets.map(({ asset, venues, spot }) => (
        <details>
          <summary>
            <b>{asset}</b>
            <RateBars venues={venues} />
          </summary>
          <table>
            {venues.map((one) => (
              <tr>
                <td>{shortVenue(one.venue)}</td>
                <td class="num">{formatBps(one.rate8h)}</td>
                <td class="num">{formatPercent(one.apr)} a year</td>
                <td class="num">
                  {one.intervalHours} h, in {one.minutesToFunding} min
                </td>
              </tr>
            ))}
            {spot.map((one) => (
              <tr>
                <td>{shortVenue(one.venue)} spot</td>
                <td class="num">{one.borrow8h ? formatBps(one.borrow8h) : "not lent"}</td>
                <td class="num">{one.borrowApr ? `${formatPercent(one.borrowApr)} a year` : ""}</td>
                <td class="num">{one.borrow8h ? "to borrow" : ""}</td>
              </tr>
            ))}
          </table>
        </details>
      ))}
    </section>
  );
}

function Alerts({ alerts }: { readonly alerts: StatusView["alerts"] }) {
  return (
    <section>
      <h2>Alerts</h2>
      {alerts.length === 0 ? <p>None.</p> : null}
      <ul>
        {alerts.map((alert) => (
          <li class={alert.severity}>
            {alert.severity === "info" ? firstLine(alert.text) : alert.text}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** News that needs nobody fits a line; the chat has the rest. */
function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function total(status: StatusView, of: (hedge: HedgeView) => string | null): string | null {
  const values = status.hedges.map((hedge) => parseDecimal(of(hedge) ?? ""));
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? sum(known).toFixed() : null;
}
