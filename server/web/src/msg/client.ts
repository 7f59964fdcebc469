// SPDX-License-Identifier: Apache-2.0
import { apply, noEffects, putMember, putMessage, putView } from './apply';
import type { Effects } from './apply';
import { Connection } from './connection';
import type { ConnectionState } from './connection';
import { Marks } from './marks';
import { activityOf, Model } from './model';
import { Outbox } from './outbox';
import { People } from './people';
import { Rest } from './rest';
import { MemoryStorage } from './storage';
import type { Draft, Outgoing, Storage, Write } from './storage';
import { Timeline } from './timeline';
import type {
  Id, LiveEventFrame, Member, MemberPage, Message, PreferencesPatch, Requests, Seq, User, View,
} from './types';

export interface ClientOptions {
  /** Of the server, such as https://chat.example.com; no slash at the end. */
  base: string;
  token: string;
  /** Where this device keeps its copy; in memory when left out. */
  storage?: Storage;
  fetch?: typeof fetch;
  WebSocket?: typeof WebSocket;
}

/** What looks different now; `id` is that of a conversation. */
export type Change =
  | { what: 'state' | 'list' | 'users' | 'presence' | 'typing' }
  | { what: 'conversation'; id: Id };

const kWriteTogetherMs = 40;
const kWatchedMax = 256;

/**
 * A user's conversations on one device: kept here, kept up to date, changed from here.
 *
 *   Connection -> apply() -> Model -> listeners
 *                    '-----> Storage, with the cursor in the same transaction
 *
 * What is stored is complete up to the stored cursor, so a device that ends at any moment resumes
 * without a gap, and an event that comes twice changes nothing.
 */
export class Client {
  readonly model = new Model();
  readonly rest: Rest;
  readonly people: People;
  readonly outbox: Outbox;
  readonly drafts = new Map<Id, Draft>();
  readonly storage: Storage;
  private readonly connection: Connection;
  private readonly marks: Marks;
  private readonly timelines = new Map<Id, Timeline>();
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly asking = new Set<Id>();
  private pending: Write[] = [];
  private writing: Promise<void> = Promise.resolve();
  private writeTimer: ReturnType<typeof setTimeout> | undefined;
  private watched = '';
  private keeps = true;
  private order = Date.now() * 1000;

  constructor(options: ClientOptions) {
    this.storage = options.storage ?? new MemoryStorage();
    this.rest = new Rest(options);
    this.people = new People(this.rest, (w) => this.store(w), (what) => this.tell({ what }));
    this.connection = new Connection({
      url: `${options.base.replace(/^http/, 'ws')}/api/v1/ws`,
      token: options.token,
      WebSocket: options.WebSocket,
      cursor: () => this.model.cursor,
      onState: (state) => this.onState(state),
      onGreeting: (greeting) => this.takeMe(greeting.user),
      onEvent: (event) => this.onEvent(event),
      onCursorRefused: () => this.startOver(),
    });
    this.marks = new Marks(
      (kind, conversation_id, seq) => this.ask(kind, { conversation_id, seq }).then((member) => {
        this.takeMember(member);
        return member;
      }),
      () => this.isUp);
    this.outbox = new Outbox({
      send: (item) => this.ask('send', {
        conversation_id: item.conversation_id,
        content: item.content,
        client_id: item.client_id,
        ...(item.reply_to ? { reply_to: item.reply_to } : {}),
        ...(item.mentions.length ? { mentions: item.mentions } : {}),
      }),
      sent: (_, message) => this.takeMessage(message),
      save: (item) => this.store([{ table: 'outbox', put: { ...item } }], true),
      forget: (id) => this.store([{ table: 'outbox', remove: id }], true),
      changed: (id) => this.tell({ what: 'conversation', id }),
    });
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  private get isUp(): boolean {
    return this.state === 'live' || this.state === 'catching_up';
  }

  /** Shows what this device has, then connects. */
  async open(): Promise<void> {
    const { storage, model } = this;
    const [meta, views, members, users, drafts, outbox] = await Promise.all([
      storage.all('meta'), storage.all('views'), storage.all('members'), storage.all('users'),
      storage.all('drafts'), storage.all('outbox'),
    ]);
    for (const { key, value } of meta) {
      if (key === 'cursor') model.cursor = value;
      if (key === 'me') model.me = JSON.parse(value) as User;
      if (key.startsWith('listed:')) model.listed.add(key.slice(7));
    }
    for (const view of views) model.views.set(view.conversation.id, view);
    for (const member of members) model.setMember(member);
    for (const user of users) this.people.users.set(user.id, user);
    for (const draft of drafts) this.drafts.set(draft.conversation_id, draft);
    this.outbox.adopt(outbox);
    this.tell({ what: 'list' });
    this.connection.start();
  }

  /** What is kept stays. */
  async close(): Promise<void> {
    this.connection.stop();
    this.outbox.pause();
    await this.flush();
    this.storage.close();
  }

  onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  ask<Op extends keyof Requests>(op: Op, ask: Requests[Op]['ask']):
      Promise<Requests[Op]['result']> {
    return this.connection.request(op, ask);
  }

  retryNow = () => this.connection.retryNow();
  probe = () => this.connection.probe();

  /** Latest activity first. */
  list(): View[] {
    return [...this.model.views.values()].sort((a, b) =>
      activityOf(b).localeCompare(activityOf(a)));
  }

  timeline(id: Id): Timeline {
    const known = this.timelines.get(id);
    if (known) return known;
    const messages = new Map<Seq, Message>();
    this.model.messages.set(id, messages);
    const made = new Timeline(messages, {
      view: () => this.model.views.get(id),
      stored: async (from, to) => {
        await this.flush();
        return this.storage.messages(id, from, to);
      },
      history: (after, limit) =>
        this.ask('history', { conversation_id: id, after, limit, order: 'asc' }),
      fetched: (fetched) => {
        const effects = noEffects();
        for (const message of fetched) putMessage(this.model, message, effects);
        this.carryOut(effects);
      },
      changed: () => this.tell({ what: 'conversation', id }),
    });
    this.timelines.set(id, made);
    return made;
  }

  /** Puts a message on its way; it is shown, and survives this page, from now on. */
  send(conversation: Id, content: string,
    extra: { reply_to?: Seq | null; mentions?: Id[] } = {}): void {
    this.order = Math.max(this.order + 1, Date.now() * 1000);
    this.outbox.add({
      client_id: globalThis.crypto.randomUUID(),
      conversation_id: conversation,
      content,
      reply_to: extra.reply_to ?? null,
      mentions: extra.mentions ?? [],
      at: new Date().toISOString(),
      order: this.order,
      refused: null,
    });
  }

  /** The person has seen everything up to that message. */
  read(conversation: Id, seq: Seq): void {
    const view = this.model.views.get(conversation);
    if (!view?.self.active) return;
    if (view.self.read >= seq && view.unread_from === null) return;
    this.marks.mark('read', conversation, seq);
  }

  /** All members of a conversation, once; later changes come as events. */
  async listMembers(id: Id): Promise<void> {
    if (this.model.listed.has(id)) return;
    let cursor: string | undefined;
    do {
      const page = await this.rest.get<MemberPage>(
        `/conversations/${id}/members`, { limit: 200, cursor });
      const effects = noEffects();
      for (const member of page.items) putMember(this.model, member, effects);
      this.carryOut(effects);
      cursor = page.page.has_more ? page.page.next ?? undefined : undefined;
    } while (cursor);
    this.model.listed.add(id);
    this.store([{ table: 'meta', put: { key: `listed:${id}`, value: '1' } }]);
    this.tell({ what: 'conversation', id });
  }

  /** Whose presence this device is told of; the first 256. */
  watch(users: Id[]): void {
    const wanted = [...new Set(users)].slice(0, kWatchedMax);
    const text = wanted.slice().sort().join();
    if (text === this.watched || !this.isUp) return;
    this.watched = text;
    this.ask('presence', { user_ids: wanted }).then(
      (found) => this.people.setPresence(found.users), () => (this.watched = ''));
  }

  /** A draft that says nothing is none. */
  draft(draft: Draft): void {
    const is = draft.text !== '' || draft.reply_to !== null;
    if (is) this.drafts.set(draft.conversation_id, draft);
    else if (!this.drafts.delete(draft.conversation_id)) return;
    this.store([is ? { table: 'drafts', put: draft }
      : { table: 'drafts', remove: draft.conversation_id }]);
    this.tell({ what: 'list' });
  }

  /** How the person wants to have it shown, on all devices. The event says so here, too. */
  async prefer(id: Id, patch: PreferencesPatch): Promise<void> {
    await this.rest.patch(`/conversations/${id}/preferences`, patch);
  }

  async loadView(id: Id): Promise<View> {
    const view = await this.rest.get<View>(`/conversations/${id}`);
    const effects = noEffects();
    putView(this.model, view, effects);
    putMember(this.model, view.self, effects);
    this.carryOut(effects);
    return view;
  }

  takeMe(user: User): void {
    this.model.me = user;
    this.people.take(user);
    this.store([{ table: 'meta', put: { key: 'me', value: JSON.stringify(user) } }]);
    this.tell({ what: 'users' });
  }

  takeMember(member: Member): void {
    this.onEvent({ event: 'member', conversation_id: member.conversation_id,
      version: member.version, cursor: '', member }, false);
  }

  /** An answer to a request of this device; its event may come before or after. */
  takeMessage(message: Message): void {
    const known = this.model.views.get(message.conversation_id)?.conversation.last_seq ?? 0;
    const isNew = message.seq > known;
    const base = { conversation_id: message.conversation_id, version: message.version, cursor: '',
      message };
    this.onEvent({ event: isNew ? 'message' : 'message_changed', ...base }, false);
    // The events of what others said in between are still on their way: let the server count.
    if (message.seq > known + 1) this.refresh(message.conversation_id);
  }

  private onEvent(event: LiveEventFrame, moves = true): void {
    if (event.event === 'typing') {
      this.people.typed(event.conversation_id, event.user_id, event.expires_in_ms);
      return;
    }
    if (event.event === 'presence') {
      this.people.setPresence(event.users);
      return;
    }
    const effects = apply(this.model, event);
    if (event.event === 'message') {
      this.people.stopped(event.conversation_id, event.message.sender_id);
    }
    if (moves && 'cursor' in event && event.cursor) {
      this.model.cursor = event.cursor;
      effects.writes.push({ table: 'meta', put: { key: 'cursor', value: event.cursor } });
    }
    this.carryOut(effects);
  }

  private carryOut(effects: Effects): void {
    if (effects.writes.length) this.store(effects.writes);
    for (const hole of effects.holes) {
      this.timelines.get(hole.conversation_id)?.forget(hole.from, hole.to);
    }
    for (const id of effects.sent) this.outbox.remove(id);
    // Only what this device has kept counts as delivered to it.
    if (effects.arrived.size) {
      void this.flush().then(() => {
        for (const [id, seq] of effects.arrived) this.marks.mark('delivered', id, seq);
      });
    }
    for (const id of effects.unknown) this.refresh(id);
    for (const id of effects.touched) this.tell({ what: 'conversation', id });
    if (effects.touched.size) this.tell({ what: 'list' });
  }

  private refresh(id: Id): void {
    if (this.asking.has(id)) return;
    this.asking.add(id);
    setTimeout(() => {
      this.asking.delete(id);
      void this.loadView(id).catch(() => undefined);
    }, 50);
  }

  private onState(state: ConnectionState): void {
    if (state === 'live') {
      this.watched = '';
      this.outbox.resume();
      this.marks.resume();
      this.people.resume();
      for (const timeline of this.timelines.values()) timeline.forgetHoles();
      void this.storage.all('outbox').then((items: Outgoing[]) => this.outbox.adopt(items));
    } else if (state !== 'catching_up') {
      this.outbox.pause();
    }
    this.tell({ what: 'state' });
    if (state === 'live') {
      for (const id of this.timelines.keys()) this.tell({ what: 'conversation', id });
    }
  }

  private async startOver(): Promise<void> {
    await this.flush();
    await this.storage.clear();
    this.model.cursor = '';
    this.model.views.clear();
    this.model.members.clear();
    this.model.listed.clear();
    for (const [id, messages] of this.model.messages) {
      messages.clear();
      this.timelines.get(id)?.forget(1, Number.MAX_SAFE_INTEGER);
    }
    this.tell({ what: 'list' });
  }

  private store(writes: Write[], now = false): void {
    this.pending.push(...writes);
    if (now) void this.flush();
    else this.writeTimer ??= setTimeout(() => void this.flush(), kWriteTogetherMs);
  }

  /** Resolves when everything up to now is kept. */
  flush(): Promise<void> {
    clearTimeout(this.writeTimer);
    this.writeTimer = undefined;
    const writes = this.pending;
    this.pending = [];
    if (writes.length) {
      this.writing = this.writing.then(() => this.keep(writes));
    }
    return this.writing;
  }

  // A copy with a hole in it must not get a later cursor: once full, it stays as it was.
  private async keep(writes: Write[]): Promise<void> {
    if (!this.keeps) return;
    try {
      await this.storage.write(writes);
    } catch {
      this.keeps = false;
    }
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}
