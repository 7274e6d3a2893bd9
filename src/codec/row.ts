/**
 * Objects with room. The reader adds keys one by one under names that it learns from a table, and V8 turns an object
 * to which more than about twelve keys were added this way into a dictionary, which is several times slower and larger.
 * An object whose constructor mentions many properties has room for them in place and stays fast. Its prototype is
 * that of every plain object, so it is one.
 */

interface RowConstructor {
  new (fill?: boolean): Record<string, unknown>;
}

// Each constructor learns its own size from its first objects, hence one for messages and one for what is inside them.
const constructors: RowConstructor[] = [0, 1].map(() => {
  function Row(this: Record<string, number>, fill?: boolean) {
    if (!fill) return;
    // Never run: the engine counts these when it parses them.
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = 0;
    this.i = this.j = this.k = this.l = this.m = this.n = this.o = this.p = 0;
    this.q = this.r = this.s = this.t = this.u = this.v = this.w = this.x = 0;
    this.a1 = this.b1 = this.c1 = this.d1 = this.e1 = this.f1 = this.g1 = this.h1 = 0;
    this.i1 = this.j1 = this.k1 = this.l1 = this.m1 = this.n1 = this.o1 = this.p1 = 0;
    this.q1 = this.r1 = this.s1 = this.t1 = this.u1 = this.v1 = this.w1 = this.x1 = 0;
  }
  Row.prototype = Object.prototype;
  return Row as unknown as RowConstructor;
});

/** A message with many keys. */
export const WideMessage = constructors[0]!;
/** A nest with many keys. */
export const WideNest = constructors[1]!;
/** Tables with more attributes than this make wide objects. */
export const WIDE = 16;

/**
 * An empty array for objects. The engine takes `[]` for an array of small integers; code that was compiled when it was
 * none any more does not fit the next one, and is compiled again.
 */
export function emptyList<T>(): T[] {
  const list = [undefined as T];
  list.length = 0;
  return list;
}
