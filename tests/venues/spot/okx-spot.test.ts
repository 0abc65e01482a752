import { connectOkxSpot, startOkxSpot } from "#tests/support/venues/okx-spot.ts";
import { spotConformance } from "./spot-conformance.ts";

spotConformance("OKX", {
  ...{ btc: "BTC-USDT-SPOT", pepe: "PEPE-USDT-SPOT" },
  start: startOkxSpot,
  connect: connectOkxSpot,
});
