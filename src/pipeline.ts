import { followUpDecisions } from "#src/pipeline/choose/follow-up-decisions.ts";
import { decision, decisions } from "#src/pipeline/choose/view-decisions.ts";
import { approve, decline } from "#src/pipeline/confirm.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import { keepEquity } from "#src/pipeline/hold/stops/keep-equity.ts";
import { lookAhead } from "#src/pipeline/look/look-at-market.ts";
import { live, offerLive } from "#src/pipeline/propose/offer-live.ts";
import {
  mandateFacts,
  offerMandate,
  revokeArmedMandate,
} from "#src/pipeline/propose/offer-mandate.ts";
import { proposeClose } from "#src/pipeline/propose/propose-close.ts";
import { proposeOpen } from "#src/pipeline/propose/propose-open.ts";
import { recoverAll } from "#src/pipeline/recover-all.ts";
import { scan } from "#src/pipeline/scan.ts";
import { costs } from "#src/pipeline/show/costs.ts";
import { equityChart } from "#src/pipeline/show/equity-chart.ts";
import { explain } from "#src/pipeline/show/explain.ts";
import { exportCsv } from "#src/pipeline/show/export-csv.ts";
import { facts } from "#src/pipeline/show/facts.ts";
import { performance } from "#src/pipeline/show/performance.ts";
import { cardFacts, status } from "#src/pipeline/show/status.ts";
import { health, opportunities, rates } from "#src/pipeline/show/views.ts";
import { halt, kill, offerResume } from "#src/pipeline/stop.ts";
import { bookFunding, dailySummary, tend, watch } from "#src/pipeline/watch.ts";

/**
 * The flow in one screen: rates → opportunities → proposals → guard → approvals → guard again →
 * execution → ledger → reports. Every door calls this and nothing behind it.
 */
export function createPipeline(context: PipelineContext): Pipeline {
  return {
    // look
    rates: (asset) => rates(context, asset),
    opportunities: (asset) => opportunities(context, asset),
    status: () => status(context),
    health: () => health(context),
    performance: () => performance(context),
    equityChart: () => equityChart(context),
    exportCsv: () => exportCsv(context),
    costs: () => costs(context),
    live: () => live(context),
    rules: () => context.settings.inForce,
    explain: (asset) => explain(context, asset),
    decisions: (of) => decisions(context, of),
    decision: (id) => decision(context, id),
    facts: () => facts(context),
    cardFacts: (proposalId) => cardFacts(context, proposalId),
    mandateFacts: (mandateId) => mandateFacts(context, mandateId),

    lookAhead: () => lookAhead(context),

    // scan and propose: nothing is traded, except within an armed mandate
    scan: () => scan(context),
    proposeOpen: (wanted, source) => proposeOpen(context, wanted, source),
    proposeClose: (hedgeIdOrAsset, source) => proposeClose(context, hedgeIdOrAsset, source),
    offerMandate: () => offerMandate(context),
    offerLive: () => offerLive(context),
    revokeMandate: (actor) => revokeArmedMandate(context, actor),

    // confirm, execute, record: the owner's tap, the guard once more, both legs, the ledger
    approve: (tap) => approve(context, tap),
    decline: (tap) => decline(context, tap),

    // stop
    halt: (actor) => halt(context, actor),
    offerResume: () => offerResume(context),
    kill: (actor) => kill(context, actor),

    // keep watch
    tend: () => tend(context),
    watch: () => watch(context),
    bookFunding: () => bookFunding(context),
    keepEquity: () => keepEquity(context),
    dailySummary: () => dailySummary(context),
    followUpDecisions: () => followUpDecisions(context),
    recover: () => recoverAll(context),
  };
}
