// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import {
  Archive, ArchiveRestore, AtSign, Bell, BellOff, CheckCheck, Check, ChevronDown, ChevronLeft,
  Clock, MessageSquareDot, MailOpen, Pin, PinOff, Search, Settings, SquarePen, WifiOff,
} from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import { activityOf, stateOf } from '../msg';
import type { Message, View } from '../msg';
import { dialog } from './app';
import { NewChat } from './new_chat';
import { IconButton, openMenu, ViewAvatar } from './parts';
import type { MenuItem } from './parts';
import { SettingsDialog } from './settings';
import {
  attempt, go, kForGood, me, openId, prefer, preferenceOf, versionOf, versions,
} from './state';
import { excerpt, firstName, shortTime, titleOf, writersText } from './words';

const wanted = signal('');
const archive = signal(false);
const shown = signal(200);

/** The rows of the list, in its order: pinned first, then by activity. */
export function listed(): View[] {
  versions.list.value;
  const words = wanted.value.trim().toLocaleLowerCase();
  const rank = (view: View) => (preferenceOf(view.conversation.id).pinned ? 1 : 0);
  return me().list()
    .filter((view) => (words
      ? titleOf(view).toLocaleLowerCase().includes(words)
      : preferenceOf(view.conversation.id).archived === archive.value))
    .sort((a, b) => rank(b) - rank(a) || activityOf(b).localeCompare(activityOf(a)));
}

export function Sidebar() {
  const views = listed();
  const archived = me().list().filter((v) => preferenceOf(v.conversation.id).archived).length;
  useWatched(views);
  return (
    <nav class="sidebar" aria-label="Conversations">
      <header class="sidebar-head">
        {archive.value && (
          <IconButton label="Back to all conversations" onClick={() => (archive.value = false)}>
            <ChevronLeft />
          </IconButton>
        )}
        <h1>{archive.value ? 'Archived' : 'Messages'}</h1>
        <IconButton label="Settings" onClick={() => (dialog.value = <SettingsDialog />)}>
          <Settings />
        </IconButton>
        <IconButton label="New conversation" onClick={() => (dialog.value = <NewChat />)}>
          <SquarePen />
        </IconButton>
      </header>
      <div class="search">
        <Search aria-hidden />
        <input class="input" type="search" aria-label="Find a conversation" placeholder="Search"
          value={wanted.value} onInput={(e) => (wanted.value = e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === 'Escape') wanted.value = '';
            if (e.key === 'Enter' && views[0]) go(`#/c/${views[0].conversation.id}`);
          }} />
      </div>
      <Banner />
      <div class="rows">
        {!wanted.value && !archive.value && archived > 0 && (
          <button type="button" class="rows-more" onClick={() => (archive.value = true)}>
            <Archive aria-hidden />Archived ({archived})
          </button>
        )}
        <ul>
          {views.slice(0, shown.value).map((view) => (
            <Row key={view.conversation.id} id={view.conversation.id} />
          ))}
        </ul>
        {views.length > shown.value && (
          <button type="button" class="rows-more" onClick={() => (shown.value += 500)}>
            <ChevronDown aria-hidden />{views.length - shown.value} more
          </button>
        )}
        {views.length === 0 && <Nothing />}
      </div>
    </nav>
  );
}

function Nothing() {
  versions.state.value;
  const text = wanted.value ? 'No conversation of that name.'
    : archive.value ? 'Nothing is archived.'
      : me().state === 'live' ? 'No conversations yet. Begin one with the pen above.' : 'Loading…';
  return <p class="rows-empty">{text}</p>;
}

/** Whether what is seen is up to date, and if not, why. */
function Banner() {
  versions.state.value;
  const { state } = me();
  if (state === 'live' || state === 'signed_out') return null;
  if (state === 'displaced') {
    return (
      <div class="banner" role="status">
        <WifiOff aria-hidden /><span>Open in too many places.</span>
        <button type="button" onClick={me().retryNow}>Use here</button>
      </div>
    );
  }
  if (state === 'offline') {
    return (
      <div class="banner" role="status">
        <WifiOff aria-hidden /><span>Not connected. What you write is sent later.</span>
        <button type="button" onClick={me().retryNow}>Try now</button>
      </div>
    );
  }
  return (
    <div class="banner quiet" role="status">
      <Clock aria-hidden />
      <span>{state === 'connecting' ? 'Connecting…' : 'Catching up…'}</span>
    </div>
  );
}

/** Those whose presence is on the screen. */
function useWatched(views: View[]) {
  versions.state.value;
  const open = openId.value;
  if (open) versionOf(open).value;
  useEffect(() => {
    const { model } = me();
    const members = open ? [...model.members.get(open)?.keys() ?? []].slice(0, 100) : [];
    const peers = views.map((view) => model.peerOf(view)).filter((id) => id !== null);
    me().watch([...peers.slice(0, 150), ...members].filter((id) => id !== model.myId));
  });
}

function Row({ id }: { id: string }) {
  versionOf(id).value;
  versions.typing.value;
  const view = me().model.views.get(id);
  if (!view) return null;
  const preference = preferenceOf(id);
  const unread = view.unread_count > 0 || view.unread_from !== null;
  const isOpen = openId.value === id;
  const at = activityOf(view);
  return (
    <li class={`row ${isOpen ? 'open' : ''} ${unread ? 'unread' : ''}`}>
      <a href={`#/c/${id}`} aria-current={isOpen ? 'true' : undefined} onContextMenu={(event) => {
        event.preventDefault();
        openMenu(event, rowMenu(view));
      }}>
        <ViewAvatar view={view} size={46} />
        <div>
          <div class="row-top">
            <span class="name ellipsis">{titleOf(view)}</span>
            {preference.muted && <BellOff aria-label="muted" />}
            {preference.pinned && <Pin aria-label="pinned" />}
            <time dateTime={at}>{shortTime(at)}</time>
          </div>
          <div class="row-bottom">
            <Preview view={view} />
            {view.mention_count > 0 && <span class="badge" aria-label="You are mentioned"
              role="img"><AtSign size={13} /></span>}
            {unread && (
              <span class={`badge ${preference.muted ? 'muted' : ''}`}>
                {view.unread_count > 0 ? Math.min(view.unread_count, 9999) : ''}
                <span class="hidden"> unread</span>
              </span>
            )}
          </div>
        </div>
      </a>
      <IconButton class="row-menu" label={`More about ${titleOf(view)}`}
        onClick={(event) => openMenu(event, rowMenu(view))}><ChevronDown /></IconButton>
    </li>
  );
}

function Preview({ view }: { view: View }) {
  const { id, kind } = view.conversation;
  versionOf(id).value;
  versions.typing.value;
  versions.list.value;
  const writers = me().people.writersOf(id);
  if (writers.length) {
    return <span class="preview ellipsis writing">{writersText(writers, kind === 'group')}</span>;
  }
  const draft = me().drafts.get(id);
  if (draft?.text && openId.value !== id) {
    return <span class="preview ellipsis"><span class="draft">Draft: </span>{draft.text}</span>;
  }
  const waiting = me().outbox.of(id).at(-1);
  if (waiting) return <><Clock size={14} aria-label="waiting" /><span class="preview ellipsis">
    {waiting.content}</span></>;
  const last = view.last_message;
  if (!last) {
    return <span class="preview ellipsis">{kind === 'group' ? 'New group' : 'Say hello'}</span>;
  }
  const own = last.sender_id === me().model.myId;
  const who = kind === 'group' && last.kind !== 'system' ? `${firstName(last.sender_id)}: ` : '';
  return <>{own && <Ticks message={last} />}<span class="preview ellipsis">
    {who}{excerpt(last)}</span></>;
}

export function Ticks({ message }: { message: Message }) {
  versionOf(message.conversation_id).value;
  const state = stateOf(me().model, message);
  if (state === 'sent') return <Check size={15} role="img" aria-label="sent" />;
  return <CheckCheck size={15} class={state} role="img" aria-label={state} />;
}

function rowMenu(view: View): MenuItem[] {
  const { id, last_seq } = view.conversation;
  const now = preferenceOf(id);
  const unread = view.unread_count > 0 || view.unread_from !== null;
  const items: MenuItem[] = [
    { text: now.pinned ? 'Unpin' : 'Pin to top', icon: now.pinned ? <PinOff /> : <Pin />,
      act: () => prefer(id, { pinned: !now.pinned }) },
    { text: now.muted ? 'Unmute' : 'Mute', icon: now.muted ? <Bell /> : <BellOff />,
      act: () => prefer(id, { muted_until: now.muted ? null : kForGood }) },
    { text: now.archived ? 'Take out of archive' : 'Archive',
      icon: now.archived ? <ArchiveRestore /> : <Archive />,
      act: () => prefer(id, { archived: !now.archived }) },
  ];
  if (last_seq > 0 && view.self.active) {
    items.push(unread
      ? { text: 'Mark as read', icon: <MailOpen />, act: () => me().read(id, last_seq) }
      : { text: 'Mark as unread', icon: <MessageSquareDot />,
        act: () => void attempt(me().ask('unread', { conversation_id: id, seq: last_seq })) });
  }
  return items;
}
