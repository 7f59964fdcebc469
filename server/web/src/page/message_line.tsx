// SPDX-License-Identifier: Apache-2.0
import { memo } from './memo';
import { Forward, Pin } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import type { Id, Message, Seq } from '../msg';
import { stateOf } from '../msg';
import { openMessageMenu, react, Tools } from './message_menu';
import { Avatar } from './parts';
import { me, versionOf, versions } from './state';
import { Ticks } from './sidebar';
import { emojiOnly, Text } from './text';
import {
  clockTime, dayName, excerpt, fullTime, hueOf, isSameDay, nameOf,
} from './words';

const kTogetherMs = 5 * 60_000;

interface Place {
  id: Id;
  seq: Seq;
  first: Seq;
  last: Seq;
  isUnreadStart: boolean;
  flash: boolean;
  show: (seq: Seq) => void;
}

export function Line(place: Place) {
  const { id, seq } = place;
  versionOf(id).value;
  const messages = me().timeline(id).messages;
  const message = messages.get(seq);
  const before = messages.get(seq - 1);
  const after = messages.get(seq + 1);
  if (!message) {
    return (
      <div class="line" data-seq={seq} role="listitem" aria-busy="true">
        <div class={`skeleton ${seq % 3 ? '' : 'right'}`} />
      </div>
    );
  }
  const newDay = !before || !isSameDay(before.created_at, message.created_at);
  const starts = newDay || place.isUnreadStart || !isTogether(before, message);
  const ends = !after || !isTogether(message, after)
    || !isSameDay(message.created_at, after.created_at);
  return (
    <div class="line" data-seq={seq} role="listitem">
      {newDay && <div class="day"><span>{dayName(message.created_at)}</span></div>}
      {place.isUnreadStart && <div class="unread-line"><span>New messages</span></div>}
      {!message.hidden && (message.kind === 'system'
        ? <p class="system">{message.content}</p>
        : <Bubble message={message} starts={starts} ends={ends} flash={place.flash}
          show={place.show} state={stateOf(me().model, message)} names={versions.users.value}
          answered={message.reply_to ? messages.get(message.reply_to) : undefined} />)}
    </div>
  );
}

const isTogether = (a: Message | undefined, b: Message) => a !== undefined
  && a.sender_id === b.sender_id && a.kind !== 'system' && b.kind !== 'system' && !a.hidden
  && Date.parse(b.created_at) - Date.parse(a.created_at) < kTogetherMs;

interface BubbleProps {
  message: Message;
  starts: boolean;
  ends: boolean;
  flash: boolean;
  show: (seq: Seq) => void;
  /** What it is an answer to, if that is here. */
  answered: Message | undefined;
  /** These say only that it looks different. */
  state: string;
  names: number;
}

const Bubble = memo(function Bubble({ message, answered, starts, ends, flash, show }: BubbleProps) {
  const view = me().model.views.get(message.conversation_id)!;
  const own = message.sender_id === me().model.myId;
  const isGroup = view.conversation.kind === 'group';
  const name = nameOf(message.sender_id);
  const classes = ['message', own && 'own', starts && 'first', ends && 'last', flash && 'flash'];
  return (
    <div class={classes.filter(Boolean).join(' ')} tabIndex={-1}
      aria-label={`${own ? 'You' : name}, ${fullTime(message.created_at)}`} role="article"
      onContextMenu={(event) => openMessageMenu(event, message)}
      onDblClick={() => !message.deleted && void react(message, '👍')}
      onKeyDown={(event) => onKey(event, message)}>
      {isGroup && !own && (ends
        ? <Avatar id={message.sender_id} name={name} size={30} />
        : <span class="no-avatar" />)}
      <div class="stack">
        <div class="bubble">
          {isGroup && !own && starts && (
            <div class={`sender name-${hueOf(message.sender_id)}`}>{name}</div>
          )}
          {message.forwarded && <div class="forwarded"><Forward size={13} /> Forwarded</div>}
          <Quote message={message} answered={answered} show={show} />
          <Body message={message}>
            <Meta message={message} own={own} />
          </Body>
          {!message.deleted && view.self.active && <Tools message={message} />}
        </div>
        <Reactions message={message} />
      </div>
    </div>
  );
});

function Body({ message, children }: { message: Message; children: ComponentChildren }) {
  if (message.deleted) return <div class="gone">Message deleted{children}</div>;
  if (message.kind !== 'text') return <div class="gone">{excerpt(message)}{children}</div>;
  const big = emojiOnly(message.content);
  return (
    <div class={`text ${big ? 'big' : ''}`}>
      <Text content={message.content} mentions={message.mentions} />{children}
    </div>
  );
}

function Meta({ message, own }: { message: Message; own: boolean }) {
  return (
    <span class="meta" title={fullTime(message.created_at)}>
      {message.pinned && <Pin role="img" aria-label="pinned" />}
      {message.edited_at && !message.deleted && <span>edited</span>}
      <time dateTime={message.created_at}>{clockTime(message.created_at)}</time>
      {own && !message.deleted && <Ticks message={message} />}
    </span>
  );
}

/** What it answers: as it is now where this device has it, else as the server quoted it. */
function Quote({ message, answered, show }:
    { message: Message; answered: Message | undefined; show: (seq: Seq) => void }) {
  if (!message.reply_to || message.deleted) return null;
  const quoted = answered && !answered.hidden ? answered : null;
  const sender = quoted?.sender_id ?? message.quote?.sender_id;
  const text = quoted ? excerpt(quoted) : message.quote
    ? excerpt({ kind: message.quote.kind, content: message.quote.excerpt,
      deleted: message.quote.deleted })
    : 'A message that you cannot see';
  return (
    <button type="button" class="quote" onClick={() => show(message.reply_to!)}>
      {sender && <b>{sender === me().model.myId ? 'You' : nameOf(sender)}</b>}
      <span>{text}</span>
    </button>
  );
}

function Reactions({ message }: { message: Message }) {
  if (!message.reactions || message.deleted) return null;
  return (
    <div class="reactions">
      {message.reactions.map(({ emoji, count }) => {
        const mine = message.own_reactions?.includes(emoji) ?? false;
        return (
          <button type="button" class={mine ? 'mine' : ''} aria-pressed={mine}
            aria-label={`${emoji} ${count}`} onClick={() => void react(message, emoji)}>
            {emoji}<span>{count}</span>
          </button>
        );
      })}
    </div>
  );
}

function onKey(event: KeyboardEvent, message: Message): void {
  if (event.target !== event.currentTarget) return;
  if (event.key === 'Enter' || event.key === 'ContextMenu') {
    event.preventDefault();
    openMessageMenu(event.currentTarget as HTMLElement, message);
  }
}

