import { startPacifica } from "#tests/support/venues/pacifica-documents.ts";
import { describeOutcomes } from "./outcomes/describe-outcomes.ts";
import { pacificaOutcomes } from "./outcomes/pacifica.ts";

const CREATE = "/api/v1/orders/create";

describeOutcomes("Pacifica", pacificaOutcomes, async () => {
  const { venue, server, asked, stop } = await startPacifica();
  return {
    ...{ venue, symbol: "BTC", stop },
    answerWith: (reply) => server.faults.next({ path: CREATE, reply }),
    ordersSeen: () => asked(CREATE).length,
  };
});
