// SPDX-License-Identifier: Apache-2.0
// How things are called and when they were, in the reader's own language and time.
import { me, minute, versions } from './state';
import type { Id, Message, Presence, User, View } from '../msg';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat(
  undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat(
  undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

export const clockTime = (at: string) => time.format(new Date(at));
export const fullTime = (at: string) => full.format(new Date(at));

const dayNumber = (date: Date) =>
  Math.floor((date.getTime() - date.getTimezoneOffset() * 60_000) / 86_400_000);

export const isSameDay = (a: string, b: string) =>
  dayNumber(new Date(a)) === dayNumber(new Date(b));

export function dayName(at: string): string {
  minute.value;
  const date = new Date(at);
  const ago = dayNumber(new Date()) - dayNumber(date);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return ago < 300 ? longDay.format(date) : withYear.format(date);
}

export function shortTime(at: string): string {
  minute.value;
  const date = new Date(at);
  const ago = dayNumber(new Date()) - dayNumber(date);
  if (ago <= 0) return time.format(date);
  if (ago < 7) return weekday.format(date);
  return ago < 300 ? shortDay.format(date) : withYear.format(date);
}

export function userName(user: User | undefined): string {
  return user?.display_name || user?.username || user?.phone || '…';
}

export function nameOf(id: Id): string {
  versions.users.value;
  return userName(me().people.find(id));
}

export function titleOf(view: View): string {
  const peer = me().model.peerOf(view);
  if (!peer) return view.conversation.title ?? 'Former group';
  return peer === me().model.myId ? 'Saved messages' : nameOf(peer);
}

export function firstName(id: Id): string {
  return id === me().model.myId ? 'You' : nameOf(id).split(' ')[0]!;
}

const kKinds: Partial<Record<Message['kind'], string>> = {
  image: 'Photo', video: 'Video', audio: 'Audio', voice: 'Voice message', file: 'File',
  sticker: 'Sticker', location: 'Location', contact: 'Contact', poll: 'Poll',
  custom: 'Message of an app', encrypted: 'Encrypted message',
};

/** A message in one line. */
export function excerpt(message: Pick<Message, 'kind' | 'content' | 'deleted' | 'hidden'>): string {
  if (message.deleted || message.hidden) return 'Message deleted';
  if (message.kind === 'text' || message.kind === 'system') return message.content;
  return kKinds[message.kind] ?? 'Message';
}

export function presenceText(presence: Presence | undefined): string {
  minute.value;
  if (!presence) return '';
  if (presence.state === 'online') return 'online';
  if (presence.state === 'away') return 'away';
  if (!presence.last_seen) return '';
  const ago = Math.floor((Date.now() - Date.parse(presence.last_seen)) / 60_000);
  if (ago < 1) return 'last seen just now';
  if (ago < 60) return `last seen ${ago} min ago`;
  const same = isSameDay(presence.last_seen, new Date().toISOString());
  return `last seen ${same ? 'at ' : ''}${shortTime(presence.last_seen)}`;
}

export function writersText(ids: Id[], isGroup: boolean): string {
  if (ids.length === 0) return '';
  if (!isGroup) return 'typing…';
  if (ids.length === 1) return `${firstName(ids[0]!)} is typing…`;
  if (ids.length === 2) return `${firstName(ids[0]!)} and ${firstName(ids[1]!)} are typing…`;
  return `${ids.length} people are typing…`;
}

export const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** A hue that stays with the id, in all places. */
export function hueOf(id: Id): number {
  let hash = 2166136261;
  for (const digit of id) hash = Math.imul(hash ^ digit.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash >>> 12) % 12;
}
