// SPDX-License-Identifier: Apache-2.0
import { MsgError } from './problem';
import type { Outgoing } from './storage';
import type { Id, Message } from './types';

export interface OutboxOptions {
  send: (item: Outgoing) => Promise<Message>;
  sent: (item: Outgoing, message: Message) => void;
  save: (item: Outgoing) => void;
  forget: (clientId: string) => void;
  changed: (conversation: Id) => void;
}

const kRetryMs = 1000;

/**
 * Messages on their way out, in the order in which they were written, one at a time in each
 * conversation. What has no answer is sent again with its client_id: the server keeps it once.
 */
export class Outbox {
  private readonly items = new Map<string, Outgoing>();
  private readonly busy = new Set<Id>();
  private open = false;

  constructor(private readonly options: OutboxOptions) {}

  /** Of one conversation, oldest first. */
  of(conversation: Id): Outgoing[] {
    return [...this.items.values()].filter((item) => item.conversation_id === conversation)
      .sort((a, b) => a.order - b.order);
  }

  get size(): number {
    return this.items.size;
  }

  /** Also of what an earlier page, or another one, has left behind. */
  adopt(items: Outgoing[]): void {
    for (const item of items) {
      if (this.items.has(item.client_id)) continue;
      this.items.set(item.client_id, item);
      this.options.changed(item.conversation_id);
    }
    this.pumpAll();
  }

  add(item: Outgoing): void {
    this.options.save(item);
    this.adopt([item]);
  }

  /** Of one that was refused: tries again. */
  retry(clientId: string): void {
    const item = this.items.get(clientId);
    if (!item) return;
    item.refused = null;
    this.options.save(item);
    this.options.changed(item.conversation_id);
    void this.pump(item.conversation_id);
  }

  /** The server has it, or nobody wants it any more. */
  remove(clientId: string): void {
    const item = this.items.get(clientId);
    if (!item) return;
    this.items.delete(clientId);
    this.options.forget(clientId);
    this.options.changed(item.conversation_id);
  }

  resume(): void {
    this.open = true;
    this.pumpAll();
  }

  pause(): void {
    this.open = false;
  }

  private pumpAll(): void {
    for (const id of new Set([...this.items.values()].map((item) => item.conversation_id))) {
      void this.pump(id);
    }
  }

  private async pump(conversation: Id): Promise<void> {
    if (this.busy.has(conversation)) return;
    this.busy.add(conversation);
    let wait: number | null = null;
    while (this.open && wait === null) {
      const item = this.of(conversation).find((one) => one.refused === null);
      if (!item) break;
      wait = await this.sendOne(item);
    }
    this.busy.delete(conversation);
    if (wait !== null && this.open) setTimeout(() => void this.pump(conversation), wait);
  }

  /** How long to wait before it is tried again; null when this one is settled. */
  private async sendOne(item: Outgoing): Promise<number | null> {
    try {
      const message = await this.options.send(item);
      this.options.sent(item, message);
      this.remove(item.client_id);
    } catch (error) {
      if (!(error instanceof MsgError)) throw error;
      if (error.code === 'disconnected') this.open = false;
      if (error.isTransient) return error.retryAfterMs ?? kRetryMs;
      item.refused = error.message;
      this.options.save(item);
      this.options.changed(item.conversation_id);
    }
    return null;
  }
}
