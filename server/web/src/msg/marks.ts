// SPDX-License-Identifier: Apache-2.0
import type { Id, Member, Seq } from './types';

type Kind = 'delivered' | 'read';
const kTogetherMs = 250;
const kAgainMs = 2000;

/** Receipts of this device: "up to here", so of several only the last is said. */
export class Marks {
  private readonly due = { delivered: new Map<Id, Seq>(), read: new Map<Id, Seq>() };
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly say: (kind: Kind, conversation: Id, seq: Seq) => Promise<Member>,
    private readonly isLive: () => boolean,
  ) {}

  mark(kind: Kind, conversation: Id, seq: Seq): void {
    const due = this.due[kind];
    if ((due.get(conversation) ?? 0) >= seq) return;
    due.set(conversation, seq);
    this.plan(kTogetherMs);
  }

  /** After a connection has come back. */
  resume(): void {
    if (this.due.delivered.size + this.due.read.size > 0) this.plan(0);
  }

  private plan(delay: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, delay);
  }

  private async flush(): Promise<void> {
    for (const kind of ['read', 'delivered'] as const) {
      for (const [conversation, seq] of this.due[kind]) {
        if (!this.isLive()) return;
        // Who has read it has it.
        const done = kind === 'read' ? (this.due.delivered.get(conversation) ?? 0) <= seq : false;
        try {
          await this.say(kind, conversation, seq);
          if (this.due[kind].get(conversation) === seq) this.due[kind].delete(conversation);
          if (done) this.due.delivered.delete(conversation);
        } catch (error) {
          const transient = (error as { isTransient?: boolean }).isTransient;
          if (transient) return this.plan(kAgainMs);
          this.due[kind].delete(conversation);
        }
      }
    }
  }
}
