// SPDX-License-Identifier: Apache-2.0
import type { Id, Member, Message, MessageState, Seq, User, View } from './types';

/** What this device knows, in memory. Messages are in timelines, by conversation and on demand. */
export class Model {
  me: User | null = null;
  cursor = '';
  readonly views = new Map<Id, View>();
  readonly members = new Map<Id, Map<Id, Member>>();
  /** Conversations whose members are all in `members`. */
  readonly listed = new Set<Id>();
  /** Of the conversations that were opened since the start. */
  readonly messages = new Map<Id, Map<Seq, Message>>();

  get myId(): Id {
    return this.me?.id ?? '';
  }

  setMember(member: Member): void {
    let members = this.members.get(member.conversation_id);
    if (!members) this.members.set(member.conversation_id, (members = new Map()));
    members.set(member.user_id, member);
  }

  /** The other one of a direct conversation. */
  peerOf(view: View): Id | null {
    const { kind, direct_user_ids: ids } = view.conversation;
    return kind === 'direct' ? ids.find((id) => id !== this.myId) ?? this.myId : null;
  }
}

export const activityOf = (view: View): string =>
  view.last_message?.created_at ?? view.conversation.created_at;

const kRank: Record<MessageState, number> = { sent: 0, delivered: 1, read: 2 };

/** How far an own message got: what the server said then, or what receipts have said since. */
export function stateOf(model: Model, message: Message): MessageState {
  const said = message.status ?? 'sent';
  const members = model.members.get(message.conversation_id);
  const view = model.views.get(message.conversation_id);
  if (!members || !view) return said;
  const others = [...members.values()].filter((m) =>
    m.user_id !== message.sender_id && m.active && m.visible_from <= message.seq);
  const complete = model.listed.has(message.conversation_id) || view.conversation.kind === 'direct';
  if (!complete || others.length === 0) return said;
  const reached = others.every((m) => m.read >= message.seq) ? 'read'
    : others.every((m) => Math.max(m.delivered, m.read) >= message.seq) ? 'delivered' : 'sent';
  return kRank[reached] > kRank[said] ? reached : said;
}

/** First and last seq that the user may read; `last` is 0 when there is none. */
export function rangeOf(view: View): { first: Seq; last: Seq } {
  const { last_seq } = view.conversation;
  const last = view.self.active ? last_seq : Math.min(view.self.visible_until ?? 0, last_seq);
  return { first: Math.max(1, view.self.visible_from), last };
}
