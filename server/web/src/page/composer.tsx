// SPDX-License-Identifier: Apache-2.0
import { ArrowUp, Pencil, Reply, Smile, X } from 'lucide-preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Id, User } from '../msg';
import { about, EmojiGrid } from './message_menu';
import { Avatar, closeMenu, IconButton, openMenu } from './parts';
import { attempt, me, versionOf } from './state';
import { excerpt, nameOf, userName } from './words';

const kTypingMs = 2500;

export function Composer({ id, toEnd }: { id: Id; toEnd: () => void }) {
  versionOf(id).value;
  const view = me().model.views.get(id)!;
  const { conversation: { kind, rules, awaits }, self } = view;
  if (!self.active) return <footer class="composer closed">You cannot write here any more.</footer>;
  if (kind === 'group' && rules?.send !== 'member' && self.role === 'member') {
    return <footer class="composer closed">Only admins write in this group.</footer>;
  }
  if (awaits === me().model.myId) return <Acceptance id={id} />;
  return <Writer id={id} toEnd={toEnd} />;
}

/** Somebody unknown has begun this conversation. */
function Acceptance({ id }: { id: Id }) {
  const peer = me().model.peerOf(me().model.views.get(id)!)!;
  return (
    <footer class="composer closed">
      <p>{nameOf(peer)} would like to write to you.</p>
      <button type="button" class="button small" onClick={() =>
        void attempt(me().rest.put(`/me/blocks/${peer}`))}>Block</button>
      <button type="button" class="button small primary" onClick={() =>
        void attempt(me().rest.post(`/conversations/${id}/accept`))}>Accept</button>
    </footer>
  );
}

function Writer({ id, toEnd }: { id: Id; toEnd: () => void }) {
  versionOf(id).value;
  const draft = me().drafts.get(id);
  const [text, setText] = useState(draft?.text ?? '');
  const area = useRef<HTMLTextAreaElement>(null);
  const typed = useRef(0);
  const mentions = useMentions(id, text, setText, area);
  const now = about.value?.id === id ? about.value.about : null;
  const answered = now?.kind === 'reply' ? now.message.seq : null;

  useEffect(() => {
    if (draft?.reply_to) {
      const message = me().timeline(id).messages.get(draft.reply_to);
      if (message) about.value = { id, about: { kind: 'reply', message } };
    }
    if (matchMedia('(hover: hover)').matches) area.current?.focus();
    return () => {
      if (about.value?.id === id) about.value = null;
    };
  }, [id]);
  useEffect(() => {
    if (!now) return;
    if (now.kind === 'edit') setText(now.message.content);
    area.current?.focus();
  }, [now]);
  useEffect(() => {
    if (now?.kind !== 'edit') me().draft({ conversation_id: id, text, reply_to: answered });
  }, [text, answered]);
  useLayoutEffect(() => {
    const box = area.current!;
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  }, [text]);

  const leave = () => {
    if (now?.kind === 'edit') setText('');
    about.value = null;
  };
  const send = async () => {
    const content = text.trim();
    if (!content) return;
    setText('');
    about.value = null;
    if (now?.kind === 'edit') {
      const edited = await attempt(me().ask('edit', { message_id: now.message.id, content }));
      if (edited) me().takeMessage(edited);
      return;
    }
    me().send(id, content, { reply_to: answered, mentions: mentions.namedIn(content) });
    me().draft({ conversation_id: id, text: '', reply_to: null });
    toEnd();
  };
  const onInput = (value: string) => {
    setText(value);
    if (value && Date.now() - typed.current > kTypingMs && now?.kind !== 'edit') {
      typed.current = Date.now();
      void me().ask('typing', { conversation_id: id }).catch(() => undefined);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (mentions.onKeyDown(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' && now) {
      leave();
    } else if (event.key === 'ArrowUp' && !text && !event.altKey) {
      event.preventDefault();
      editLast(id);
    }
  };
  return (
    <footer class="composer">
      <div class="composer-in">
        {now && (
          <div class="about">
            {now.kind === 'edit' ? <Pencil aria-hidden /> : <Reply aria-hidden />}
            <div class="what">
              <b>{now.kind === 'edit' ? 'Edit' : `Reply to ${nameOf(now.message.sender_id)}`}</b>
              <span class="ellipsis">{excerpt(now.message)}</span>
            </div>
            <IconButton label="Never mind" onClick={leave}><X /></IconButton>
          </div>
        )}
        {mentions.list}
        <div class="writer">
          <IconButton label="Emoji" onClick={(event) => openMenu(event, [], {
            top: <EmojiGrid pick={(emoji) => {
              closeMenu();
              onInput(text + emoji);
              area.current?.focus();
            }} />,
          })}><Smile /></IconButton>
          <textarea ref={area} rows={1} value={text} placeholder="Message" aria-label="Message"
            onInput={(event) => onInput(event.currentTarget.value)} onKeyDown={onKeyDown}
            enterkeyhint="send" />
          <IconButton label={now?.kind === 'edit' ? 'Save' : 'Send'} class="send"
            disabled={!text.trim()} onClick={() => void send()}><ArrowUp /></IconButton>
        </div>
      </div>
    </footer>
  );
}

function editLast(id: Id): void {
  const { messages, range } = me().timeline(id);
  for (let seq = range.last; seq > range.last - 50; --seq) {
    const message = messages.get(seq);
    if (message?.sender_id === me().model.myId && message.kind === 'text' && !message.deleted) {
      about.value = { id, about: { kind: 'edit', message } };
      return;
    }
  }
}

/** Names of members behind an @, offered while one writes. */
function useMentions(id: Id, text: string, setText: (text: string) => void,
  area: { current: HTMLTextAreaElement | null }) {
  const [at, setAt] = useState(0);
  const members = [...me().model.members.get(id)?.values() ?? []];
  const users = members.filter((m) => m.active && m.user_id !== me().model.myId)
    .map((m) => me().people.find(m.user_id)).filter((u): u is User => Boolean(u?.username));
  const isGroup = me().model.views.get(id)!.conversation.kind === 'group';
  const begun = isGroup ? /(?:^|\s)@([\w.]*)$/.exec(text)?.[1]?.toLowerCase() : undefined;
  const found = begun === undefined ? [] : users.filter((user) =>
    user.username!.toLowerCase().startsWith(begun)
    || userName(user).toLowerCase().startsWith(begun)).slice(0, 6);
  const pick = (user: User) => {
    setText(text.replace(/@[\w.]*$/, `@${user.username} `));
    setAt(0);
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (found.length === 0) return false;
    if (event.key === 'ArrowDown') setAt((at + 1) % found.length);
    else if (event.key === 'ArrowUp') setAt((at + found.length - 1) % found.length);
    else if (event.key === 'Enter' || event.key === 'Tab') pick(found[at] ?? found[0]!);
    else return false;
    event.preventDefault();
    return true;
  };
  const namedIn = (content: string): Id[] => {
    const names = new Set([...content.matchAll(/@([\w.]+)/g)].map((m) => m[1]!.toLowerCase()));
    return users.filter((user) => names.has(user.username!.toLowerCase())).map((user) => user.id)
      .slice(0, 50);
  };
  const list = found.length > 0 && (
    <div class="menu mention-list" role="listbox" aria-label="Members">
      {found.map((user, index) => (
        <button type="button" role="option" aria-selected={index === at}
          onClick={() => pick(user)}>
          <Avatar id={user.id} name={userName(user)} size={26} />
          {userName(user)}<span class="hint">@{user.username}</span>
        </button>
      ))}
    </div>
  );
  return { list, onKeyDown, namedIn };
}
