import { connectBybitSpot, startBybitSpot } from "#tests/support/venues/bybit-spot.ts";
import { spotConformance } from "./spot-conformance.ts";

spotConformance("Bybit", {
  ...{ btc: "BTCUSDT-SPOT", pepe: "PEPEUSDT-SPOT" },
  start: startBybitSpot,
  connect: connectBybitSpot,
});
