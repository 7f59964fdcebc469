// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import {
  Copy, Ellipsis, Eye, EyeOff, Forward, Info, Pencil, Pin, PinOff, Reply, SmilePlus, Trash2,
} from 'lucide-preact';
import type { Id, Message } from '../msg';
import { dialog } from './app';
import { ForwardDialog, MessageInfo } from './message_dialogs';
import { closeMenu, IconButton, openMenu } from './parts';
import type { MenuItem } from './parts';
import { attempt, me, say } from './state';

/** What the composer is about: an answer, or the edit of a message. */
export interface About {
  kind: 'reply' | 'edit';
  message: Message;
}
export const about = signal<{ id: Id; about: About } | null>(null);

export const kQuick = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
export const kEmoji = [...'😀😄😁😆😅😂🙂😉😊😍😘😋😎🤔😐😴😮😢😭😡🥳🤯😇🤝👍👎👏🙌🙏💪👀✅❌❤💔🔥🎉⭐💡☕🍕🌱☀🌙🐶🐱🚀📌'];

export async function react(message: Message, emoji: string): Promise<void> {
  const mine = message.own_reactions?.includes(emoji) ?? false;
  const done = await attempt(
    me().ask(mine ? 'unreact' : 'react', { message_id: message.id, emoji }));
  if (done) me().takeMessage(ownReaction(done, message, emoji, !mine));
}

// The answer says what all reacted, not what one did oneself.
function ownReaction(now: Message, before: Message, emoji: string, on: boolean): Message {
  const own = (before.own_reactions ?? []).filter((one) => one !== emoji);
  return { ...now, own_reactions: now.own_reactions ?? (on ? [...own, emoji] : own) };
}

/** What one does most often, beside a message. */
export function Tools({ message }: { message: Message }) {
  const id = message.conversation_id;
  return (
    <div class="tools">
      <IconButton label="React" onClick={(event) => openReactions(event, message)}>
        <SmilePlus />
      </IconButton>
      <IconButton label="Reply"
        onClick={() => (about.value = { id, about: { kind: 'reply', message } })}>
        <Reply />
      </IconButton>
      <IconButton label="More" onClick={(event) => openMessageMenu(event, message)}>
        <Ellipsis />
      </IconButton>
    </div>
  );
}

export function EmojiGrid({ pick }: { pick: (emoji: string) => void }) {
  return (
    <div class="emoji-grid">
      {kEmoji.map((emoji) => (
        <button type="button" role="menuitem" onClick={() => pick(emoji)}>{emoji}</button>
      ))}
    </div>
  );
}

function openReactions(event: MouseEvent, message: Message): void {
  openMenu(event, [], { top: <EmojiGrid pick={(emoji) => {
    closeMenu();
    void react(message, emoji);
  }} /> });
}

function QuickReactions({ message }: { message: Message }) {
  return (
    <div class="emoji-line">
      {kQuick.map((emoji) => (
        <button type="button" role="menuitem" aria-label={`React with ${emoji}`} onClick={() => {
          closeMenu();
          void react(message, emoji);
        }}>{emoji}</button>
      ))}
    </div>
  );
}

export function openMessageMenu(at: MouseEvent | HTMLElement, message: Message): void {
  if (at instanceof MouseEvent) at.preventDefault();
  if (message.hidden) return;
  const top = message.deleted ? undefined : <QuickReactions message={message} />;
  openMenu(at, itemsFor(message), { top });
}

function itemsFor(message: Message): (MenuItem | '-')[] {
  const client = me();
  const view = client.model.views.get(message.conversation_id)!;
  const own = message.sender_id === client.model.myId;
  const id = message.conversation_id;
  const isStaff = view.conversation.kind === 'group' && view.self.role !== 'member';
  const items: (MenuItem | '-')[] = [];
  const add = (text: string, icon: MenuItem['icon'], act: () => void, danger = false) =>
    items.push({ text, icon, act, danger });
  if (!message.deleted && view.self.active) {
    add('Reply', <Reply />, () => (about.value = { id, about: { kind: 'reply', message } }));
    if (own && message.kind === 'text') {
      add('Edit', <Pencil />, () => (about.value = { id, about: { kind: 'edit', message } }));
    }
    add('Forward', <Forward />, () => (dialog.value = <ForwardDialog message={message} />));
    if (message.kind === 'text') {
      add('Copy text', <Copy />, () => {
        void navigator.clipboard.writeText(message.content).then(() => say('Copied.'));
      });
    }
    const pinned = Boolean(message.pinned);
    add(pinned ? 'Unpin' : 'Pin', pinned ? <PinOff /> : <Pin />, () =>
      void change(client.ask(pinned ? 'unpin' : 'pin', { message_id: message.id })));
  }
  if (!message.deleted) {
    add(own ? 'Read by…' : 'Details', own ? <Eye /> : <Info />,
      () => (dialog.value = <MessageInfo message={message} />));
  }
  if (view.self.active) {
    items.push('-');
    add('Delete for me', <EyeOff />, () => void remove(message, 'me'));
    if (!message.deleted && (own || isStaff)) {
      add('Delete for everyone', <Trash2 />, () => void remove(message, 'everyone'), true);
    }
  }
  return items;
}

async function change(work: Promise<Message>): Promise<void> {
  const done = await attempt(work);
  if (done) me().takeMessage(done);
}

async function remove(message: Message, whom: 'me' | 'everyone'): Promise<void> {
  await change(me().ask('delete', { message_id: message.id, for: whom }));
}
