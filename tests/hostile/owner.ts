import type { Proposal } from "#src/core/proposal.ts";
import type { Pipeline, Tap } from "#src/pipeline/contract.ts";
import { because } from "./because.ts";
import type { ShownCard, ShownLeg } from "./evidence.ts";
import { CHAT, type HostileWorld, NONCE_MARK, OWNER } from "./hostile-world.ts";

/** Somebody else, whose approvals stand in the same database. */
const STRANGER = 999;

export type Owner = ReturnType<typeof createOwner>;

/** The owner's phone: gets the cards that the outbox holds, and is tapped, by the owner and by others. */
export function createOwner(world: HostileWorld) {
  const { store, clock, oracle, dice } = world;
  const cards: ShownCard[] = [];
  let messages = 100;
  let planted = 0;

  function deliver(): void {
    for (const { id, content } of store.dueOutbox(clock.wallNow(), 100)) {
      store.transaction(() => {
        store.markDelivered(id, clock.wallNow());
        if ("nonce" in content) {
          messages += 1;
          store.bindApprovalMessage(content.nonce, CHAT, messages);
        }
      });
      if (content.type === "alert") oracle.alerted(content.text);
      const card = "nonce" in content ? cardOf(content) : null;
      if (!card) continue;
      cards.push(card);
      if (cards.length > 40) cards.shift();
      oracle.shown(card);
    }
  }

  function cardOf(content: { readonly type: string; readonly nonce: string }): ShownCard | null {
    const base = { nonce: content.nonce, ownerId: OWNER, chatId: CHAT, messageId: messages };
    const expiresAt = store.getApproval(content.nonce)?.createdAt ?? 0;
    const bare = { ...base, expiresAt: expiresAt + 120_000, legs: [], bounds: null, asset: "" };
    if ("proposalId" in content && typeof content.proposalId === "string") {
      const proposal = store.getProposal(content.proposalId)?.proposal;
      if (!proposal) return null;
      const { kind, asset, id: subjectId } = proposal;
      return { ...bare, kind, asset, subjectId, legs: legsOf(proposal) };
    }
    if ("mandateId" in content && typeof content.mandateId === "string") {
      const mandate = store.getMandate(content.mandateId);
      if (!mandate) return null;
      const { perHedgeUsd, totalUsd, lossPerDayUsd, ...rest } = mandate;
      const bounds = {
        ...rest,
        perHedgeUsd: perHedgeUsd.toFixed(),
        totalUsd: totalUsd.toFixed(),
        lossPerDayUsd: lossPerDayUsd.toFixed(),
      };
      return { ...bare, kind: "mandate", subjectId: mandate.id, bounds };
    }
    return { ...bare, kind: "resume", subjectId: "trading-state" };
  }

  function newest(kind?: ShownCard["kind"]): ShownCard | null {
    return cards.findLast((one) => kind === undefined || one.kind === kind) ?? null;
  }

  /** The newest that can still be answered. */
  function live(kind: ShownCard["kind"]): ShownCard | null {
    const now = clock.wallNow();
    const isLive = (card: ShownCard) =>
      card.kind === kind &&
      card.expiresAt > now &&
      store.getApproval(card.nonce)?.state === "pending";
    return cards.findLast(isLive) ?? null;
  }

  /** What is sent to Telegram is judged before the bot hears of it. */
  async function press(pipeline: Pipeline, how: "approve" | "decline", tap: Tap): Promise<void> {
    await because(oracle.tapped({ press: how, ...tap }), async () => {
      const result = how === "decline" ? pipeline.decline(tap) : await pipeline.approve(tap);
      await result.done;
    });
  }

  function tapOn(card: ShownCard): Tap {
    const { nonce, chatId, messageId } = card;
    return { nonce, userId: OWNER, chatId, messageId };
  }

  /** A tap that must count for nothing. */
  function forgedTap(): Tap {
    const whichever = cards.length > 0 ? dice.pick(cards) : null;
    const card = dice.chance(600) ? (live("open") ?? whichever) : whichever;
    const good = card
      ? tapOn(card)
      : { nonce: `${NONCE_MARK}000000000000001`, userId: OWNER, chatId: CHAT, messageId: 1 };
    switch (dice.below(6)) {
      case 0:
        return { ...good, userId: dice.pick([STRANGER, 0, -1, 2]) };
      case 1:
        return { ...good, chatId: dice.pick([STRANGER, -100, 0]) };
      case 2:
        return { ...good, messageId: good.messageId + dice.pick([-1, 1, 1_000]) };
      case 3:
        return {
          ...good,
          nonce: dice.pick(["", "P-1", "__proto__", "a".repeat(64), `${good.nonce} `]),
        };
      case 4: {
        const foreign = store
          .listApprovals({ state: "pending" })
          .find((one) => one.ownerId === STRANGER);
        return foreign
          ? { ...good, nonce: foreign.nonce, chatId: foreign.chatId }
          : { ...good, userId: 3 };
      }
      default:
        return { ...good, userId: STRANGER, chatId: STRANGER };
    }
  }

  /** An approval of the same plan that another owner was asked for. */
  function plantForeign(): void {
    const card = newest("open");
    const stored = card && store.getProposal(card.subjectId);
    if (!card || stored?.state !== "awaiting") return;
    planted += 1;
    const now = clock.wallNow();
    store.transaction(() =>
      store.insertApproval({
        ...{ nonce: `${NONCE_MARK}foreign${planted}`, subject: "open", subjectId: card.subjectId },
        ...{ subjectHash: stored.hash, ownerId: STRANGER, chatId: CHAT, messageId: null },
        ...{ state: "pending", createdAt: now, expiresAt: now + 120_000 },
      }),
    );
  }

  return { cards, deliver, newest, live, press, tapOn, forgedTap, plantForeign };
}

function legsOf(proposal: Proposal): readonly ShownLeg[] {
  return proposal.legs.map((leg) => ({
    ...{ venue: leg.venue, symbol: leg.symbol, sizeBase: leg.sizeBase.toFixed() },
    side: leg.side === "long" || leg.side === "short" ? leg.side : "long",
    collarPrice: "collarPrice" in leg ? leg.collarPrice.toFixed() : "0",
    priceSeen: leg.priceSeen.toFixed(),
    paysText: "fundingRate" in leg ? leg.fundingRate.toFixed() : null,
  }));
}
