import { startExtended } from "#tests/support/venues/extended-documents.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";
import { extendedOutcomes } from "./outcomes/extended.ts";

const CREATE = "/api/v1/user/order";

describeOutcomes("Extended", extendedOutcomes, async () => {
  const { venue, server, asked, stop } = await startExtended();
  return {
    ...{ venue, symbol: "BTC-USD", stop },
    answerWith: (reply) => server.faults.next({ path: CREATE, reply }),
    ordersSeen: () => asked(CREATE).length,
  };
});
