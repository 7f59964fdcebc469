// SPDX-License-Identifier: Apache-2.0
import { rangeOf } from './model';
import type { Message, MessagePage, Seq, View } from './types';

const kBlock = 100;

export interface TimelineOptions {
  view: () => View | undefined;
  stored: (from: Seq, to: Seq) => Promise<Message[]>;
  history: (after: Seq, limit: number) => Promise<MessagePage>;
  fetched: (messages: Message[]) => void;
  changed: () => void;
}

/**
 * The messages of one conversation, of which there may be 100,000. Their numbers have no holes, so
 * a place in the list is a seq; blocks of them are brought when they are about to be seen, from
 * this device's copy where it has them all, else from the server.
 */
export class Timeline {
  private readonly blocks = new Map<number, 'loading' | 'loaded'>();

  constructor(readonly messages: Map<Seq, Message>, private readonly options: TimelineOptions) {}

  get range(): { first: Seq; last: Seq } {
    const view = this.options.view();
    return view ? rangeOf(view) : { first: 1, last: 0 };
  }

  /** Brings what is missing of `from` … `to`; false when some could not be had now. */
  async ensure(from: Seq, to: Seq): Promise<boolean> {
    const { first, last } = this.range;
    const lowest = Math.floor((Math.max(from, first) - 1) / kBlock);
    const highest = Math.floor((Math.min(to, last) - 1) / kBlock);
    const loads: Promise<boolean>[] = [];
    for (let block = lowest; block <= highest; ++block) {
      if (!this.blocks.has(block)) loads.push(this.load(block));
    }
    return (await Promise.all(loads)).every(Boolean);
  }

  /** What is known of that range may be out of date, or not all of it. */
  forget(from: Seq, to: Seq): void {
    for (const block of [...this.blocks.keys()]) {
      if ((block + 1) * kBlock >= from && block * kBlock < to) this.blocks.delete(block);
    }
  }

  /** Blocks with holes in them are asked for again when they are needed next. */
  forgetHoles(): void {
    const { first, last } = this.range;
    for (const block of [...this.blocks.keys()]) {
      const low = Math.max(first, block * kBlock + 1);
      const high = Math.min(last, (block + 1) * kBlock);
      if (!this.hasAll(low, high)) this.blocks.delete(block);
    }
  }

  private hasAll(low: Seq, high: Seq): boolean {
    for (let seq = low; seq <= high; ++seq) if (!this.messages.has(seq)) return false;
    return true;
  }

  private async load(block: number): Promise<boolean> {
    this.blocks.set(block, 'loading');
    const { first, last } = this.range;
    const low = Math.max(first, block * kBlock + 1);
    const high = Math.min(last, (block + 1) * kBlock);
    try {
      if (!this.hasAll(low, high)) {
        for (const message of await this.options.stored(low, high)) {
          if (!this.messages.has(message.seq)) this.messages.set(message.seq, message);
        }
        this.options.changed();
      }
      for (let after = low - 1; !this.hasAll(low, high);) {
        const page = await this.options.history(after, high - after);
        this.options.fetched(page.items);
        const reached = page.items.at(-1)?.seq ?? high;
        if (reached >= high || !page.page.has_more) break;
        after = reached;
      }
      this.blocks.set(block, 'loaded');
      this.options.changed();
      return true;
    } catch {
      this.blocks.delete(block);
      return false;
    }
  }
}
