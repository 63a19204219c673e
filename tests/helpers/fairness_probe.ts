/**
 * A program for one test: prints how many lines of others are answered before that of a polite client,
 * which came behind all of them.
 */

import { JobQueue } from "../../lib/queueing/job_queue.ts";
import { answerPortion, CAPACITY, TestFlow } from "./flows.ts";

const queue = new JobQueue({ limit: 1000, serial: false, capacity: CAPACITY });
const [greedy, other, polite] = [new TestFlow(queue), new TestFlow(queue), new TestFlow(queue)];
for (const flow of [greedy, other]) flow.push(...Array(100).fill("line"));
answerPortion(queue.take(1)!, 20_000);
polite.push("line");
let lines = 0;
for (; polite.answeredLines === 0; lines++) answerPortion(queue.take(1)!, 20_000);
console.log(lines);
