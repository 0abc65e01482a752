import { baseSize } from "#src/core/units.ts";
import { createLivePaperRig } from "#tests/support/live-paper-rig.ts";
import { venueConformance } from "./conformance.ts";

venueConformance("a paper account on live data", async () => {
  const { venue, clock } = createLivePaperRig();
  return { venue, symbol: "BTC-PERP", ...clock };
});

venueConformance("a paper account on live data in contracts", async () => {
  const contracts = { contractSizeBase: baseSize("0.01"), lotStepBase: baseSize("0.01") };
  const listing = { instrument: { ...contracts, minSizeBase: baseSize("0.01") } };
  const { venue, clock } = createLivePaperRig({ listing });
  return { venue, symbol: "BTC-PERP", ...clock };
});
