import { LRUCache } from "lru-cache";

/**
 * A cache of at most so many entries; the least recently used are forgotten. Told as a size its memory grows with what is in
 * it; `max` would take all of it at once, which is 10 ms of a start.
 */
export function bounded<V extends object | number>(most: number): LRUCache<string, V> {
  return new LRUCache({ maxSize: most, sizeCalculation: () => 1 });
}
