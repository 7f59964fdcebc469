// SPDX-License-Identifier: Apache-2.0

/** Heights of rows in a long list, of which few were ever measured: sums in logarithmic time. */
export class Heights {
  private heights = new Float32Array(0);
  private tree = new Float64Array(1);  // Fenwick: tree[i] is the sum of the lowbit(i) rows up to i
  private count = 0;

  constructor(private readonly estimate: number) {}

  get length(): number {
    return this.count;
  }

  resize(count: number): void {
    if (count === this.count) return;
    const kept = Math.min(count, this.count);
    if (count > this.heights.length) {
      const grown = new Float32Array(Math.max(count, 256, this.heights.length * 2));
      grown.fill(this.estimate);
      grown.set(this.heights.subarray(0, kept));
      this.heights = grown;
      this.rebuild();
    } else {
      this.heights.fill(this.estimate, kept, Math.max(count, this.count));
      this.rebuild();
    }
    this.count = count;
  }

  /** Other rows in front of the first one. */
  reset(): void {
    this.heights.fill(this.estimate);
    this.rebuild();
  }

  private rebuild(): void {
    const size = this.heights.length;
    if (this.tree.length !== size + 1) this.tree = new Float64Array(size + 1);
    for (let i = 1; i <= size; ++i) this.tree[i] = this.heights[i - 1]!;
    for (let i = 1; i <= size; ++i) {
      const parent = i + (i & -i);
      if (parent <= size) this.tree[parent]! += this.tree[i]!;
    }
  }

  /** Whether that is news. */
  set(index: number, height: number): boolean {
    const change = height - this.heights[index]!;
    if (Math.abs(change) < 0.25) return false;
    this.heights[index] = height;
    for (let i = index + 1; i < this.tree.length; i += i & -i) this.tree[i]! += change;
    return true;
  }

  /** Where the row begins; of `length`, where the list ends. */
  top(index: number): number {
    let sum = 0;
    for (let i = Math.min(index, this.count); i > 0; i -= i & -i) sum += this.tree[i]!;
    return sum;
  }

  /** The row at that place. */
  at(y: number): number {
    let index = 0;
    let left = y;
    let step = 1;
    while (step * 2 < this.tree.length) step *= 2;
    for (; step > 0; step >>= 1) {
      if (index + step < this.tree.length && this.tree[index + step]! <= left) {
        index += step;
        left -= this.tree[index]!;
      }
    }
    return Math.max(0, Math.min(index, this.count - 1));
  }
}
