import type { RefusalCode } from "#src/core/order.ts";

/**
 * What Extended says before it hands an order to its matching engine. Not here: 1006 (application error) and
 * 1010 (maintenance), which do not say how far the order came.
 */
export const EXTENDED_REFUSALS: Readonly<Record<string, RefusalCode>> = {
  ...same("MARKET_UNAVAILABLE", [
    ...["1000", "1001", "1002", "1003"],
    // Post-only, reduce-only and closed modes of a market.
    ...["1011", "1012", "1014", "1145"],
    // Above the largest order, the most orders or the largest position.
    ...["1122", "1126", "1127"],
    // A fee limit, a price or a kind of order that it does not take.
    ...["1009", "1128", "1130", "1132", "1133", "1139"],
    // A leverage that it does not allow, or not for so large a position.
    ...["1049", "1050", "10501", "1053"],
  ]),
  ...same("UNAUTHORISED", ["1004", "1008", "1100", "1101", "1102", "1500", "http 401"]),
  ...same("BELOW_MIN_SIZE", ["1120"]),
  ...same("OFF_LOT", ["1121", "1123"]),
  ...same("OFF_TICK", ["1124", "1125", "1141"]),
  ...same("DUPLICATE_CLIENT_ORDER_ID", ["1134"]),
  ...same("EXPIRED", ["1135"]),
  ...same("REDUCE_ONLY_WOULD_INCREASE", ["1136", "1137", "1138"]),
  ...same("INSUFFICIENT_MARGIN", ["1140", "1147", "1052"]),
  ...same("RATE_LIMITED", ["http 429"]),
};

function same(
  refusal: RefusalCode,
  codes: readonly string[],
): Readonly<Record<string, RefusalCode>> {
  return Object.fromEntries(codes.map((code) => [code, refusal]));
}
