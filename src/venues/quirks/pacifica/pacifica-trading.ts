import { createPrivateKey, createPublicKey } from "node:crypto";
import { dec, maxOf, ONE } from "#src/core/decimal.ts";
import { OperatorError } from "#src/core/errors.ts";
import { currentCall } from "#src/venues/ccxt/call-context.ts";
import type { VenueDriver } from "#src/venues/ccxt/driver.ts";
import { row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import type { OrderTimes } from "#src/venues/quirks/shared/order-times.ts";
import type { Pacifica } from "./pacifica-api.ts";
import { pacificaCode } from "./pacifica-refusals.ts";

type Trading = Pick<VenueDriver, "place" | "cancel" | "cancelAll" | "setLeverage" | "codeOf">;

const TIMES_IN_FORCE = { ioc: "IOC", gtc: "GTC", postOnly: "ALO" } as const;
/** Case matters. ccxt knows no other. */
const CCXT_BUILDER = "CCXT";
const WINDOW_MS = 10_000;
/** What our idea of the venue's clock may be wrong by. */
const CLOCK_SLACK_MS = 10_000;
const BASE58 = /^[1-9A-HJ-NP-Za-km-z]{32,90}$/;
/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const KEY_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

export function pacificaTrading(
  exchange: Pacifica,
  builderFeeRate: string | null,
  times: OrderTimes,
): Trading {
  nameAgent(exchange);
  if (builderFeeRate !== null) payBuilder(exchange, builderFeeRate);
  return {
    async place(of, order) {
      const { request, wireId, amount, price, expiresAt, lifeMs } = order;
      times.set(wireId, expiresAt - lifeMs - CLOCK_SLACK_MS);
      const answer = await exchange.createOrder(
        of.ccxtSymbol,
        "limit",
        request.side,
        amount,
        price,
        {
          clientOrderId: wireId,
          reduceOnly: request.reduceOnly,
          timeInForce: TIMES_IN_FORCE[request.timeInForce],
          // Both are signed: the venue refuses what comes after timestamp + expiryWindow, by its own clock.
          timestamp: expiresAt - lifeMs,
          expiryWindow: lifeMs,
        },
      );
      // It holds takers back for a fifth of a second: what became of the order is to be asked.
      return { venueOrderId: text(row(answer, "order"), "id"), status: null, filledBase: null };
    },
    async cancel(of, { wireId, venueOrderId }) {
      const byOurs = wireId === "" ? {} : { clientOrderId: wireId };
      await exchange.cancelOrder(venueOrderId, of.ccxtSymbol, { ...byOurs, ...untilFence() });
    },
    async cancelAll(of) {
      await exchange.cancelAllOrders(of.ccxtSymbol, untilFence());
    },
    async setLeverage(of, leverage) {
      // Whole numbers only; the lower one is the safer one.
      const whole = Number(maxOf(ONE, leverage.round(0, 0)).toFixed(0));
      await exchange.setLeverage(whole, of.ccxtSymbol, untilFence());
    },
    codeOf({ json }) {
      if (typeof json !== "object" || json === null) return null;
      const reply = row(json, "reply");
      if (textOrNull(reply, "success") !== "false") return null;
      return pacificaCode({
        words: textOrNull(reply, "error"),
        name: textOrNull(reply, "error_id"),
        number: textOrNull(reply, "code"),
      });
    },
  };
}

/** Signed by the venue's clock, not by ours, and good for no longer than the call is. */
function untilFence(): { readonly timestamp?: number; readonly expiryWindow?: number } {
  const expiresAt = currentCall()?.expiresAt;
  return expiresAt ? { timestamp: expiresAt - WINDOW_MS, expiryWindow: WINDOW_MS } : {};
}

/** An agent signs for the wallet, and its own address goes along; the wallet's own key needs none. */
function nameAgent(exchange: Pacifica): void {
  if (!exchange.privateKey) return;
  const signer = addressOf(exchange, exchange.privateKey);
  if (signer !== exchange.walletAddress) exchange.options["agentAddress"] = signer;
}

/** The address that belongs to a key in base58: 32 bytes, or 64 with its public half. */
function addressOf(exchange: Pacifica, privateKey: string): string {
  const bytes = BASE58.test(privateKey) ? Buffer.from(exchange.base58ToBinary(privateKey)) : null;
  if (!bytes || ![32, 64].includes(bytes.length)) {
    throw new OperatorError("Pacifica: the private key is not a Solana key in base58");
  }
  const key = createPrivateKey({
    key: Buffer.concat([KEY_HEADER, bytes.subarray(0, 32)]),
    ...{ format: "der", type: "pkcs8" },
  });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return exchange.binaryToBase58(Buffer.from(x, "base64url"));
}

/** Only when the owner chose so. ccxt then also has it approved before the first order. */
function payBuilder(exchange: Pacifica, builderFeeRate: string): void {
  Object.assign(exchange.options, {
    ...{ builderFee: true, builderCode: CCXT_BUILDER },
    feeRate: dec(builderFeeRate).times("100").toFixed(),
    builderSupportOperations: { create_order: true },
  });
}
