import type { ProofEnds, ProofFault, ProofView } from "#src/reports/proof-view.ts";
import { Page, Tile } from "./page.tsx";

/** What the engine does when things go wrong: a saved run of the fault simulation, as pictures. */
export function ProofPage({ proof }: { readonly proof: ProofView | null }) {
  return (
    <Page title="Hedgerow proof">
      <main>
        <header>
          <h1>🌿 When things go wrong</h1>
          <a class="badge" href="/">
            status
          </a>
        </header>
        {proof ? <Proof proof={proof} /> : <NoProof />}
      </main>
    </Page>
  );
}

function NoProof() {
  return (
    <p>
      No saved simulation can be read here. <code>bun run simulate --report</code> makes one in a
      few minutes.
    </p>
  );
}

function Proof({ proof }: { readonly proof: ProofView }) {
  const hedges = proof.ends.neutral + proof.ends.flat + proof.ends.held + proof.ends.silent;
  return (
    <>
      <section class="tiles">
        <Tile name="Schedules" value={grouped(proof.schedules)} />
        <Tile name="Crashes" value={grouped(proof.crashes)} />
        <Tile name="Silent naked ends" value={grouped(proof.ends.silent)} />
        <Tile name="Longest without an alert" value={seconds(proof.longestUntoldMs)} />
      </section>
      <section>
        <p>
          Two legs on two venues cannot open or close in one step. In each schedule the real engine
          works on two simulated venues that fail, lie, or vanish, and the process is killed at any
          moment. {grouped(hedges)} hedges ended like this:
        </p>
        <EndsBar ends={proof.ends} />
        <ul class="legend">
          <li class="neutral">neutral: both legs equal ({share(proof.ends.neutral, hedges)})</li>
          <li class="flat">flat: nothing left ({share(proof.ends.flat, hedges)})</li>
          <li class="held">held, and the owner told ({share(proof.ends.held, hedges)})</li>
          <li class="silent">naked and silent ({grouped(proof.ends.silent)})</li>
        </ul>
        <p>
          Broken rules: {grouped(proof.violations)}. Longest time with unequal legs:{" "}
          {seconds(proof.longestNakedMs)}; without the owner being told:{" "}
          {seconds(proof.longestUntoldMs)} (at most 60 s is allowed). Simulated time:{" "}
          {grouped(proof.virtualHours)} hours; crash points tried one by one:{" "}
          {grouped(proof.crashPoints)}.
        </p>
        {proof.isCurrent ? null : (
          <p class="warning">
            This run was made with another version of the engine ({proof.engine}).{" "}
            <code>bun run simulate --report</code> makes it anew.
          </p>
        )}
      </section>
      <section>
        <h2>What went wrong, and how it ended</h2>
        {proof.faults.map((fault) => (
          <FaultRow fault={fault} />
        ))}
      </section>
      <section>
        <h2>Would it notice?</h2>
        <p>
          {grouped(proof.defects.length)} small defects were put into the engine on purpose, one at
          a time; {grouped(proof.defects.filter((one) => one.foundBy !== null).length)} were found.
        </p>
        <details>
          <summary>All of them</summary>
          <ul>
            {proof.defects.map(({ name, foundBy }) => (
              <li>
                {name}: {foundBy ? `found (rule ${foundBy})` : "not found"}
              </li>
            ))}
          </ul>
        </details>
      </section>
      <footer>
        Seeds {proof.from} to {proof.from + proof.schedules - 1}, engine {proof.engine}. Run it
        yourself with any other seeds: <code>bun run simulate --from 1 --count 100000</code>
      </footer>
    </>
  );
}

function FaultRow({ fault }: { readonly fault: ProofFault }) {
  return (
    <div class="fault">
      <p>
        <span>{fault.label}</span>
        <small>
          {grouped(fault.struck)} × · unequal {seconds(fault.longestNakedMs)} at most
        </small>
      </p>
      <EndsBar ends={fault.ends} />
    </div>
  );
}

/** One bar, as wide as the page, in the colours of the legend. */
function EndsBar({ ends }: { readonly ends: ProofEnds }) {
  const all = Math.max(1, ends.neutral + ends.flat + ends.held + ends.silent);
  const kinds = ["neutral", "flat", "held", "silent"] as const;
  const words = kinds.map((kind) => `${kind} ${ends[kind]}`).join(", ");
  return (
    <div class="ends" role="img" aria-label={words}>
      {kinds.map((kind) => (
        <i class={kind} style={`width:${(ends[kind] / all) * 100}%`} />
      ))}
    </div>
  );
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function share(part: number, all: number): string {
  return all === 0 ? "none" : `${((part / all) * 100).toFixed(1)} %`;
}
