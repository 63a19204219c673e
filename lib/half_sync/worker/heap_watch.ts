/** Looks at the size of a worker's heap after its spells of batches. */

import v8 from "node:v8";
import vm from "node:vm";

const MIB = 1024 * 1024;

/** Told of a heap. */
export interface HeapListener {
  looked: (bytes: number) => void;
  full: () => void;
}

/**
 * The function to call after each spell; it takes 2 to 4 µs.
 *
 * @param maxHeap Largest heap in MiB, with the memory that it holds outside, such as typed arrays; 0: any
 * @param listener `looked` is called with the size each time; `full` once, if the heap is too large even
 * after a garbage collection
 */
export function heapWatch(maxHeap: number, { looked, full }: HeapListener): () => void {
  if (maxHeap === 0) return () => {};
  const collect = garbageCollector();
  let told = false;
  const look = () => {
    const bytes = heapBytes();
    looked(bytes);
    return bytes;
  };
  return () => {
    if (told || look() <= maxHeap * MIB) return;
    collect();
    if (look() <= maxHeap * MIB) return;
    told = true;
    full();
  };
}

function heapBytes(): number {
  const { used_heap_size, external_memory } = v8.getHeapStatistics();
  return used_heap_size + external_memory;
}

/** V8's own collector, which it lends to scripts on request. */
function garbageCollector(): () => void {
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}
