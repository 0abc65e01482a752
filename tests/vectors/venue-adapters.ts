import { readFunding } from "#src/venues/funding/read-funding.ts";
import { readFundingPayment } from "#src/venues/funding/read-funding-payment.ts";
import type { Fields } from "#tests/vectors/fields.ts";

/** The venues' part of the vectors: what each venue's words about funding mean. */
export const VENUE_ADAPTERS: Readonly<Record<string, (input: Fields) => unknown>> = {
  venueFunding: (input) => {
    const reading = readFunding(input.text("venue") ?? "", payloadOf(input));
    if ("refused" in reading) return { error: reading.refused };
    return {
      predictedPerHour: reading.perHour,
      lastRealisedPerHour: reading.lastRealisedPerHour,
      nextPerHour: reading.nextPerHour,
      nextFundingMs: reading.fundingAt,
      intervalHours: reading.intervalHours,
    };
  },
  venueFundingPayment: (input) => {
    const reading = readFundingPayment(input.text("venue") ?? "", payloadOf(input));
    if ("refused" in reading) return { error: reading.refused };
    return { receivedUsd: reading.received, dedupeKey: reading.dedupeKey };
  },
};

/** Cases may put what was joined from another call beside the payload instead of into it. */
function payloadOf(input: Fields): unknown {
  const beside = input.names().filter((name) => name !== "venue" && name !== "payload");
  return Object.assign(
    {},
    ...beside.map((name) => ({ [name]: input.raw(name) })),
    input.raw("payload"),
  );
}
