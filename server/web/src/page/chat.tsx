// SPDX-License-Identifier: Apache-2.0
import { CalendarDays, ChevronLeft, PanelRight, Pin } from 'lucide-preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Id, View } from '../msg';
import { dialog, infoOpen } from './app';
import { Composer } from './composer';
import { JumpToDate } from './message_dialogs';
import { MessageList } from './message_list';
import type { ListControl } from './message_list';
import { IconButton, ViewAvatar } from './parts';
import { go, me, versionOf, versions } from './state';
import { excerpt, many, presenceText, titleOf, writersText } from './words';

export function Chat({ id }: { id: Id }) {
  versionOf(id).value;
  const view = me().model.views.get(id)!;
  const control = useRef<ListControl>(null);
  // Where what is unread began when one came here; it stays while one is here.
  const unreadFrom = useMemo(() => {
    if (view.unread_from) return view.unread_from;
    return view.unread_count > 0 ? Math.max(view.self.read + 1, view.self.visible_from) : 0;
  }, [id]);
  versions.state.value;
  const { state } = me();
  useEffect(() => {
    if (state === 'live' && view.self.active && view.conversation.member_count <= 256) {
      void me().listMembers(id).catch(() => undefined);
    }
  }, [id, state]);
  const show = (seq: number) => control.current?.show(seq);
  return (
    <div class="chat">
      <Head view={view} show={show} />
      <Pins view={view} show={show} />
      <MessageList id={id} unreadFrom={unreadFrom} control={control} />
      <Composer key={id} id={id} toEnd={() => control.current?.toEnd()} />
    </div>
  );
}

function Head({ view, show }: { view: View; show: (seq: number) => void }) {
  const { id } = view.conversation;
  const toggle = () => (infoOpen.value = !infoOpen.value);
  return (
    <header class="chat-head">
      <IconButton class="back" label="Back to the list" onClick={() => go('#/')}>
        <ChevronLeft />
      </IconButton>
      <button type="button" class="who" onClick={toggle} aria-expanded={infoOpen.value}>
        <ViewAvatar view={view} size={38} />
        <span class="ellipsis">
          <h2 class="title ellipsis">{titleOf(view)}</h2>
          <Subtitle view={view} />
        </span>
      </button>
      <IconButton label="Jump to a date" disabled={view.conversation.last_seq === 0}
        onClick={() => (dialog.value = <JumpToDate id={id} show={show} />)}>
        <CalendarDays />
      </IconButton>
      <IconButton label="About this conversation" expanded={infoOpen.value} onClick={toggle}>
        <PanelRight />
      </IconButton>
    </header>
  );
}

function Subtitle({ view }: { view: View }) {
  versions.presence.value;
  versions.typing.value;
  const { id, kind, member_count } = view.conversation;
  const writers = me().people.writersOf(id);
  if (writers.length) {
    return <p class="subtitle writing ellipsis">{writersText(writers, kind === 'group')}</p>;
  }
  const peer = me().model.peerOf(view);
  if (peer) {
    const presence = me().people.presence.get(peer);
    return <p class={`subtitle ellipsis ${presence?.state ?? ''}`}>{presenceText(presence)}&nbsp;</p>;
  }
  if (!view.self.active) return <p class="subtitle">You are not in this group any more</p>;
  const here = [...me().model.members.get(id)?.values() ?? []].filter((member) =>
    member.active && me().people.presence.get(member.user_id)?.state === 'online').length;
  return (
    <p class="subtitle ellipsis">{many(member_count, 'member')}{here > 0 && `, ${here} online`}</p>
  );
}

/** The latest pin; a press shows it, the next press the one before. */
function Pins({ view, show }: { view: View; show: (seq: number) => void }) {
  const [turn, setTurn] = useState(0);
  versionOf(view.conversation.id).value;
  const { pinned } = view;
  const seq = pinned.length ? pinned[(pinned.length - 1 - (turn % pinned.length))]! : 0;
  const timeline = me().timeline(view.conversation.id);
  useEffect(() => {
    if (seq) void timeline.ensure(seq, seq);
  }, [seq]);
  if (!seq) return null;
  const message = timeline.messages.get(seq);
  return (
    <button type="button" class="pins" onClick={() => {
      show(seq);
      setTurn(turn + 1);
    }}>
      <Pin aria-hidden />
      <span class="ellipsis"><b>Pinned</b>{' '}{message ? excerpt(message) : ''}</span>
    </button>
  );
}
