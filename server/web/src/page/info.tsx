// SPDX-License-Identifier: Apache-2.0
import {
  Archive, Ban, Bell, BellOff, Ellipsis, Link, LogOut, Pencil, Pin, PinOff, UserPlus, X,
} from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Block, Conversation, Id, Invitation, Member, Role, User, View } from '../msg';
import { dialog, infoOpen } from './app';
import { findPerson } from './new_chat';
import { Avatar, closeDialog, Dialog, IconButton, openMenu, ViewAvatar } from './parts';
import type { MenuItem } from './parts';
import { attempt, go, kForGood, me, prefer, preferenceOf, say, versionOf, versions } from './state';
import { many, nameOf, presenceText, titleOf } from './words';

export function Info({ id }: { id: Id }) {
  versionOf(id).value;
  versions.users.value;
  const view = me().model.views.get(id)!;
  const peer = me().model.peerOf(view);
  return (
    <aside class="info" aria-label="About this conversation">
      <header>
        <h2>{peer ? 'Contact' : 'Group'}</h2>
        <IconButton label="Close" onClick={() => (infoOpen.value = false)}><X /></IconButton>
      </header>
      <div class="info-body">
        <div class="profile">
          <ViewAvatar view={view} size={84} />
          <h3>{titleOf(view)}</h3>
          {peer ? <PeerLines id={peer} />
            : <p>{many(view.conversation.member_count, 'member')}</p>}
        </div>
        <Actions view={view} />
        {!peer && view.self.active && <Members view={view} />}
      </div>
    </aside>
  );
}

function PeerLines({ id }: { id: Id }) {
  versions.presence.value;
  const user = me().people.find(id);
  return (
    <>
      {user?.username && <p>@{user.username}</p>}
      <p>{presenceText(me().people.presence.get(id))}</p>
      {user?.about && <p>{user.about}</p>}
    </>
  );
}

function Action(props: { icon: ComponentChildren; text: string; act: () => void;
  danger?: boolean }) {
  return (
    <button type="button" class={props.danger ? 'danger' : ''} onClick={props.act}>
      {props.icon}{props.text}
    </button>
  );
}

const allowed = (view: View, what: 'add' | 'rename') => {
  const ranks: Role[] = ['member', 'admin', 'owner'];
  const least = view.conversation.rules?.[what] ?? 'owner';
  return ranks.indexOf(view.self.role) >= ranks.indexOf(least);
};

function Actions({ view }: { view: View }) {
  const { id, kind } = view.conversation;
  const now = preferenceOf(id);
  const peer = me().model.peerOf(view);
  const isGroup = kind === 'group' && view.self.active;
  return (
    <div class="info-actions">
      <Action icon={now.pinned ? <PinOff /> : <Pin />} text={now.pinned ? 'Unpin' : 'Pin to top'}
        act={() => prefer(id, { pinned: !now.pinned })} />
      <Action icon={now.muted ? <Bell /> : <BellOff />} text={now.muted ? 'Unmute' : 'Mute'}
        act={() => prefer(id, { muted_until: now.muted ? null : kForGood })} />
      <Action icon={<Archive />} text={now.archived ? 'Take out of archive' : 'Archive'}
        act={() => prefer(id, { archived: !now.archived })} />
      {isGroup && allowed(view, 'rename') && <Action icon={<Pencil />} text="Rename"
        act={() => (dialog.value = <RenameDialog view={view} />)} />}
      {isGroup && allowed(view, 'add') && (
        <>
          <Action icon={<UserPlus />} text="Add somebody"
            act={() => (dialog.value = <AddDialog id={id} />)} />
          <Action icon={<Link />} text="Copy an invitation" act={() => void invite(id)} />
        </>
      )}
      {isGroup && <Action icon={<LogOut />} text="Leave group" danger
        act={() => void leave(view)} />}
      {peer && peer !== me().model.myId && <Blocking peer={peer} />}
    </div>
  );
}

function Blocking({ peer }: { peer: Id }) {
  const [blocked, setBlocked] = useState<boolean | null>(null);
  useEffect(() => {
    me().rest.get<{ items: Block[] }>('/me/blocks', { limit: 200 }).then(
      (page) => setBlocked(page.items.some((one) => one.user_id === peer)), () => undefined);
  }, [peer]);
  if (blocked === null) return null;
  const change = async () => {
    const path = `/me/blocks/${peer}`;
    await attempt(blocked ? me().rest.remove(path) : me().rest.put(path));
    setBlocked(!blocked);
  };
  return <Action icon={<Ban />} text={blocked ? 'Unblock' : 'Block'} danger
    act={() => void change()} />;
}

async function invite(id: Id): Promise<void> {
  const made = await attempt(
    me().rest.post<Invitation>(`/conversations/${id}/invitations`, { lifetime_s: 7 * 86_400 }));
  if (!made) return;
  await navigator.clipboard.writeText(made.token).catch(() => undefined);
  say(`Copied, good for a week: ${made.token}`);
}

async function leave(view: View): Promise<void> {
  const { model, rest } = me();
  const path = `/conversations/${view.conversation.id}/members/${model.myId}`;
  const member = await attempt(rest.remove<Member>(path));
  if (!member) return;
  me().takeMember(member);
  infoOpen.value = false;
  go('#/');
}

function RenameDialog({ view }: { view: View }) {
  const { id, title } = view.conversation;
  const rename = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const done = await attempt(me().rest.patch<Conversation>(`/conversations/${id}`,
      { title: String(form.get('title')).trim() }));
    if (done) closeDialog();
  };
  return (
    <Dialog title="Rename">
      <form class="with-button" onSubmit={(event) => void rename(event)}>
        <input class="input" name="title" aria-label="Title" value={title ?? ''} required
          maxLength={128} autofocus />
        <button class="button primary">Save</button>
      </form>
    </Dialog>
  );
}

function AddDialog({ id }: { id: Id }) {
  const [error, setError] = useState('');
  const add = async (event: SubmitEvent) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget as HTMLFormElement).get('person'));
    try {
      const user: User = await findPerson(typed.trim());
      me().people.take(user);
      me().takeMember(await me().rest.post<Member>(`/conversations/${id}/members`,
        { user_id: user.id }));
      closeDialog();
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return (
    <Dialog title="Add somebody">
      <form class="with-button" onSubmit={(event) => void add(event)}>
        <input class="input" name="person" aria-label="Username" placeholder="Username" required
          autofocus autocomplete="off" autocapitalize="none" spellcheck={false} />
        <button class="button primary">Add</button>
      </form>
      {error && <p class="error" role="alert">{error}</p>}
    </Dialog>
  );
}

const kRanks: Role[] = ['owner', 'admin', 'member'];

function Members({ view }: { view: View }) {
  versions.presence.value;
  const { id } = view.conversation;
  versionOf(id).value;
  const members = [...me().model.members.get(id)?.values() ?? []].filter((one) => one.active)
    .sort((a, b) => kRanks.indexOf(a.role) - kRanks.indexOf(b.role)
      || nameOf(a.user_id).localeCompare(nameOf(b.user_id)));
  return (
    <section>
      <h3 class="group-title">Members</h3>
      <ul class="people">
        {members.map((member) => {
          const name = nameOf(member.user_id);
          const items = memberMenu(view, member);
          return (
            <li class="person">
              <Avatar id={member.user_id} name={name} size={36} presence />
              <span class="grow">
                <span class="ellipsis">{name}{member.user_id === me().model.myId && ' (you)'}</span>
                <small>{presenceText(me().people.presence.get(member.user_id))}</small>
              </span>
              {member.role !== 'member' && <span class="role">{member.role}</span>}
              {items.length > 0 && (
                <IconButton label={`More about ${name}`}
                  onClick={(event) => openMenu(event, items)}><Ellipsis /></IconButton>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function memberMenu(view: View, member: Member): MenuItem[] {
  const { id } = view.conversation;
  const { role: mine } = view.self;
  const isMe = member.user_id === me().model.myId;
  const items: MenuItem[] = [];
  const path = `/conversations/${id}/members/${member.user_id}`;
  const give = (role: Role, text: string) => items.push({ text, icon: <UserPlus />,
    act: () => void attempt(me().rest.patch<Member>(path, { role })).then(
      (done) => done && me().takeMember(done)) });
  if (!isMe) {
    items.push({ text: 'Write to', icon: <Pencil />, act: () => void attempt(
      me().ask('open_direct', { user_id: member.user_id }).then(async (direct) => {
        await me().loadView(direct.id);
        go(`#/c/${direct.id}`);
      })) });
  }
  if (mine === 'member' || isMe || (mine === 'admin' && member.role !== 'member')) return items;
  if (member.role === 'member') give('admin', 'Make admin');
  if (member.role === 'admin') give('member', 'Make member');
  if (mine === 'owner' && member.role !== 'owner') give('owner', 'Make owner');
  items.push({ text: 'Remove', icon: <X />, danger: true,
    act: () => void attempt(me().rest.remove<Member>(path)).then(
      (done) => done && me().takeMember(done)) });
  return items;
}
