import { parseTask } from "./parallel.ts";
import { runTask } from "./run-task.ts";

/** One core's share of a run, in its own process: the task as an argument, parts of the tally as lines. */
const task = parseTask(process.argv[2] ?? "");
runTask(task, (part) => process.stdout.write(`${JSON.stringify(part)}\n`));
