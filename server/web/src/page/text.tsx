// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import type { Id } from '../msg';
import { me } from './state';

const kLink = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;
const kEmojiOnly = /^(?:\p{Extended_Pictographic}(?:\u{FE0F}|\u{200D}\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*|[\u{1F1E6}-\u{1F1FF}]{2}){1,3}$/u;

export const emojiOnly = (text: string) => kEmojiOnly.test(text.trim());

/** A message's text: links lead somewhere, who is called stands out. Nothing is ever markup. */
export function Text({ content, mentions }: { content: string; mentions?: Id[] }) {
  const out: ComponentChildren[] = [];
  let end = 0;
  for (const found of content.matchAll(kLink)) {
    out.push(...called(content.slice(end, found.index), mentions));
    out.push(<a href={found[0]} target="_blank" rel="noopener noreferrer">{found[0]}</a>);
    end = found.index + found[0].length;
  }
  out.push(...called(content.slice(end), mentions));
  return <>{out}</>;
}

function called(text: string, mentions: Id[] = []): ComponentChildren[] {
  const names = mentions.map((id) => me().people.users.get(id)?.username).filter(Boolean);
  if (names.length === 0) return [text];
  const pattern = new RegExp(`(@(?:${names.map((n) => escaped(n!)).join('|')}))(?![\\w.])`);
  return text.split(pattern).map((part, i) => (i % 2 ? <span class="mention">{part}</span> : part));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
