import type { ChoiceView } from "#src/reports/choice-view.ts";
import { gateSentence, latestOutcome, pickSentence, pickWords } from "#src/reports/choice-words.ts";
import { formatBps } from "#src/reports/format.ts";

/** What scans chose lately, by whom, and what it came to. */
export function Decisions({ decisions }: { readonly decisions: readonly ChoiceView[] }) {
  return (
    <section>
      <h2>Decisions</h2>
      {decisions.length === 0 ? <p>No scan has chosen anything yet.</p> : null}
      {decisions.map((one) => (
        <details>
          <summary>
            {one.at.slice(5, 16).replace("T", " ")} <b>{pickWords(one.choice)}</b>{" "}
            <span class="badge">{one.decidedBy ?? "cut short"}</span> {resultOf(one)}
          </summary>
          <p>
            {pickSentence(one.choice)}. The rules alone: {pickSentence(one.policy)}.{" "}
            {one.gates.map((gate) => `${gateSentence(gate)}. `)}
          </p>
          <table>
            {one.votes.map((vote) => (
              <tr>
                <td>{vote.model}</td>
                <td>{vote.failure ? "no vote" : pickWords(vote.choice)}</td>
                <td class="num">{vote.confidence ?? ""}</td>
              </tr>
            ))}
            {one.outcomes.map((outcome) => (
              <tr>
                <td>after {outcome.horizonHours} h</td>
                <td class="num">{known(outcome, outcome.netRate)}</td>
                <td class="num">rules {known(outcome, outcome.policyNetRate)}</td>
              </tr>
            ))}
          </table>
        </details>
      ))}
    </section>
  );
}

function resultOf(one: ChoiceView): string {
  const outcome = latestOutcome(one);
  return outcome ? `${formatBps(outcome.netRate)} after ${outcome.horizonHours} h` : "";
}

function known({ state }: { readonly state: string }, netRate: string | null): string {
  return state === "waiting" ? "not yet" : formatBps(netRate);
}
