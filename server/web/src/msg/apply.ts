// SPDX-License-Identifier: Apache-2.0
import type { Model } from './model';
import type { Write } from './storage';
import type {
  Delta, Id, LiveEventFrame, Member, Message, MessageChangedEvent, Seq, View,
} from './types';

/** What an event changed, and what is to be stored for it. */
export interface Effects {
  writes: Write[];
  /** Conversations whose row or messages look different now. */
  touched: Set<Id>;
  /** Conversations whose view has to be asked for. */
  unknown: Set<Id>;
  /** Messages of others that have come, as far as they go. */
  arrived: Map<Id, Seq>;
  /** The client ids of own messages that the server has. */
  sent: string[];
  /** Ranges of which memory is to be asked for again. */
  holes: { conversation_id: Id; from: Seq; to: Seq }[];
}

export function noEffects(): Effects {
  return { writes: [], touched: new Set(), unknown: new Set(), arrived: new Map(), sent: [],
    holes: [] };
}

/** Takes an event into the model. The same event again changes nothing more. */
export function apply(model: Model, frame: LiveEventFrame): Effects {
  const effects = noEffects();
  switch (frame.event) {
    case 'sync':
      applyDelta(model, frame.conversation, effects);
      break;
    case 'message':
      applyNew(model, frame.message, effects);
      break;
    case 'message_changed':
      applyChange(model, frame, effects);
      break;
    case 'message_hidden':
      applyHidden(model, frame.message_id, effects);
      break;
    case 'receipt':
    case 'member':
      applyMember(model, frame.member, effects);
      break;
    case 'conversation': {
      const view = model.views.get(frame.conversation_id);
      if (view) putView(model, { ...view, conversation: frame.conversation }, effects);
      else effects.unknown.add(frame.conversation_id);
      break;
    }
    case 'unread': {
      const view = model.views.get(frame.conversation_id);
      const { unread_from, unread_count } = frame;
      if (view) putView(model, { ...view, unread_from, unread_count }, effects);
      break;
    }
    case 'preferences': {
      const view = model.views.get(frame.conversation_id);
      if (view) putView(model, { ...view, preferences: frame.preferences }, effects);
      break;
    }
    case 'live':
    case 'typing':
    case 'recording':
    case 'presence':
      break;
  }
  return effects;
}

export function putView(model: Model, view: View, effects: Effects): void {
  model.views.set(view.conversation.id, view);
  effects.writes.push({ table: 'views', put: view });
  effects.touched.add(view.conversation.id);
}

export function putMember(model: Model, member: Member, effects: Effects): void {
  const known = model.members.get(member.conversation_id)?.get(member.user_id);
  if (known && BigInt(known.version) > BigInt(member.version)) return;
  model.setMember(member);
  effects.writes.push({ table: 'members', put: member });
  effects.touched.add(member.conversation_id);
}

/** Keeps what only history says of a message: one's own reactions, and how far it got. */
export function putMessage(model: Model, message: Message, effects: Effects): void {
  const loaded = model.messages.get(message.conversation_id);
  const known = loaded?.get(message.seq);
  if (known && isNewer(known, message)) return;
  const kept = known ? { ...message, status: message.status ?? known.status } : message;
  loaded?.set(message.seq, kept);
  effects.writes.push({ table: 'messages', put: kept });
  effects.touched.add(message.conversation_id);
  if (message.sender_id === model.myId && message.client_id) effects.sent.push(message.client_id);
}

const stamp = (m: Message) => BigInt(m.changed ?? m.version);
const isNewer = (known: Message, other: Message) =>
  stamp(known) > stamp(other) || (known.hidden === true && !other.hidden);

function applyDelta(model: Model, delta: Delta, effects: Effects): void {
  const id = delta.view.conversation.id;
  for (const range of [delta.missing, delta.stale]) {
    if (!range) continue;
    effects.writes.push({ forget: { conversation_id: id, from: range.from, to: range.to } });
    effects.holes.push({ conversation_id: id, from: range.from, to: range.to });
    const loaded = model.messages.get(id);
    for (const seq of [...loaded?.keys() ?? []]) {
      if (seq >= range.from && seq <= range.to) loaded!.delete(seq);
    }
  }
  // Of a conversation that is new here, it brings all members.
  if (!model.views.has(id) && !delta.more_members) {
    model.listed.add(id);
    effects.writes.push({ table: 'meta', put: { key: `listed:${id}`, value: '1' } });
  }
  putView(model, delta.view, effects);
  for (const member of delta.members) putMember(model, member, effects);
  putMember(model, delta.view.self, effects);
  if (delta.more_members && model.listed.delete(id)) {
    effects.writes.push({ table: 'meta', remove: `listed:${id}` });
  }
  for (const message of delta.messages) putMessage(model, message, effects);
  if (delta.view.self.delivered < delta.view.conversation.last_seq && delta.view.self.active) {
    effects.arrived.set(id, delta.view.conversation.last_seq);
  }
}

function applyNew(model: Model, message: Message, effects: Effects): void {
  const id = message.conversation_id;
  const view = model.views.get(id);
  const isOwn = message.sender_id === model.myId;
  putMessage(model, message, effects);
  if (!isOwn) effects.arrived.set(id, message.seq);
  if (!view) {
    effects.unknown.add(id);
    return;
  }
  if (message.seq <= view.conversation.last_seq) return;
  const calls = message.mentions?.includes(model.myId) ? 1 : 0;
  putView(model, {
    ...view,
    conversation: { ...view.conversation, last_seq: message.seq },
    last_message: message,
    unread_count: view.unread_count + (isOwn ? 0 : 1),
    mention_count: view.mention_count + (isOwn ? 0 : calls),
  }, effects);
}

function applyChange(model: Model, frame: MessageChangedEvent, effects: Effects): void {
  const { message, reaction } = frame;
  const known = model.messages.get(message.conversation_id)?.get(message.seq);
  let own = message.own_reactions ?? known?.own_reactions ?? [];
  if (reaction && reaction.user_id === model.myId && !message.own_reactions) {
    own = own.filter((emoji) => emoji !== reaction.emoji);
    if (!reaction.removed) own = [...own, reaction.emoji];
  }
  const changed = { ...message };
  if (message.reactions) changed.own_reactions = own;
  if (known?.quote && !message.quote && !message.deleted) changed.quote = known.quote;
  if (known) putMessage(model, changed, effects);
  else forget(message.conversation_id, message.seq, effects);
  const view = model.views.get(message.conversation_id);
  if (!view) return;
  const pinned = view.pinned.filter((seq) => seq !== message.seq);
  if (message.pinned) pinned.push(message.seq);
  const last = view.last_message?.seq === message.seq ? changed : view.last_message;
  putView(model, { ...view, pinned, last_message: last }, effects);
}

/** An event does not say all that history says of a message: it is asked for when it is seen. */
function forget(id: Id, seq: Seq, effects: Effects): void {
  effects.writes.push({ forget: { conversation_id: id, from: seq, to: seq } });
  effects.holes.push({ conversation_id: id, from: seq, to: seq });
  effects.touched.add(id);
}

function applyHidden(model: Model, messageId: string, effects: Effects): void {
  const [id, seq] = messageId.split('-') as [Id, string];
  const known = model.messages.get(id)?.get(Number(seq));
  if (known) {
    putMessage(model, { ...known, hidden: true, content: '' }, effects);
  } else {
    forget(id, Number(seq), effects);
  }
  const view = model.views.get(id);
  if (view?.last_message?.seq === Number(seq)) {
    const last_message = { ...view.last_message, hidden: true, content: '' };
    putView(model, { ...view, last_message }, effects);
  }
}

function applyMember(model: Model, member: Member, effects: Effects): void {
  putMember(model, member, effects);
  if (member.user_id !== model.myId) return;
  const view = model.views.get(member.conversation_id);
  if (!view) {
    effects.unknown.add(member.conversation_id);
    return;
  }
  const read = view.self.read < member.read;
  const next = { ...view, self: member };
  if (read && member.read >= view.conversation.last_seq) {
    putView(model, { ...next, unread_count: 0, mention_count: 0, unread_from: null }, effects);
  } else {
    putView(model, next, effects);
    // How many are left is known to the server only.
    if (read || view.self.active !== member.active) effects.unknown.add(member.conversation_id);
  }
}
