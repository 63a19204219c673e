// Exercise 9, its threads: a producer puts 1 to 1000, a consumer takes as many, and tells their sum.
import { MonitorQueue } from "./monitor.ts";

const ITEMS = 1000;
const host = self as unknown as Worker;

host.onmessage = ({ data }: MessageEvent<SharedArrayBuffer>) => {
  const queue = new MonitorQueue(data);
  let sum = 0;
  for (let item = 1; item <= ITEMS; item++) {
    if (self.name === "producer") queue.put(item);
    else sum += queue.get();
  }
  host.postMessage(sum);
};
