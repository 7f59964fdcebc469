// SPDX-License-Identifier: Apache-2.0
import { LogOut } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { Audience, Session, SessionList, User, UserPatch } from '../msg';
import { Avatar, closeDialog, Dialog } from './parts';
import { attempt, me, say, setTheme, signOut, theme, versions } from './state';
import type { Theme } from './state';
import { shortTime, userName } from './words';

const kThemes: [Theme, string][] = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];
const kAudiences: [Audience, string][] =
  [['everyone', 'Everyone'], ['contacts', 'Contacts'], ['nobody', 'Nobody']];

export function SettingsDialog() {
  versions.users.value;
  const user = me().model.me;
  return (
    <Dialog title="Settings">
      {user && <Profile user={user} />}
      {user && <Privacy user={user} />}
      <section class="field">
        <span class="group-title">Appearance</span>
        <div class="segments">
          {kThemes.map(([value, text]) => (
            <button type="button" aria-pressed={theme.value === value}
              onClick={() => setTheme(value)}>{text}</button>
          ))}
        </div>
      </section>
      <Devices />
      <button type="button" class="button danger" onClick={() => {
        closeDialog();
        void signOut();
      }}><LogOut aria-hidden />Sign out</button>
    </Dialog>
  );
}

async function change(user: User, patch: UserPatch): Promise<boolean> {
  const done = await attempt(me().rest.patch<User>(`/users/${user.id}`, patch));
  if (done) me().takeMe(done);
  return Boolean(done);
}

function Profile({ user }: { user: User }) {
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name)).trim();
    const saved = await change(user, { display_name: text('display_name'),
      username: text('username') || null, about: text('about') });
    if (saved) say('Saved.');
  };
  return (
    <form class="dialog-form" onSubmit={(event) => void save(event)}>
      <div class="person">
        <Avatar id={user.id} name={userName(user)} size={52} />
        <span class="grow"><b>{userName(user)}</b><small>{user.phone ?? ''}</small></span>
      </div>
      <label class="field"><span>Name</span>
        <input class="input" name="display_name" value={user.display_name} maxLength={64} required />
      </label>
      <label class="field"><span>Username</span>
        <input class="input" name="username" value={user.username ?? ''} maxLength={64}
          autocapitalize="none" spellcheck={false} />
      </label>
      <label class="field"><span>About</span>
        <input class="input" name="about" value={user.about} maxLength={256} />
      </label>
      <div class="actions"><button class="button">Save</button></div>
    </form>
  );
}

function Privacy({ user }: { user: User }) {
  return (
    <section class="part">
      <span class="group-title">Privacy</span>
      <label class="switch">
        <span>Read receipts<small>Without them you do not see those of others, either.</small></span>
        <input type="checkbox" checked={user.read_receipts ?? true}
          onChange={(event) =>
            void change(user, { read_receipts: event.currentTarget.checked })} />
      </label>
      <label class="switch">
        <span>Who sees when you are here</span>
        <select class="input" value={user.presence_to ?? 'contacts'} onChange={(event) =>
          void change(user, { presence_to: event.currentTarget.value as Audience })}>
          {kAudiences.map(([value, text]) => <option value={value}>{text}</option>)}
        </select>
      </label>
    </section>
  );
}

function Devices() {
  const [sessions, setSessions] = useState<Session[]>([]);
  const load = () => {
    me().rest.get<SessionList>('/sessions').then((list) => setSessions(list.items),
      () => undefined);
  };
  useEffect(load, []);
  const end = async (one: Session) => {
    await attempt(me().rest.remove(`/sessions/${one.id}`));
    load();
  };
  return (
    <section>
      <h3 class="group-title">Devices</h3>
      <ul class="people">
        {sessions.map((one) => (
          <li class="person">
            <span class="grow ellipsis">{one.device_name || 'Unnamed device'}
              <small>{one.current ? 'this device'
                : `last used ${shortTime(one.last_seen_at)}`}</small></span>
            {!one.current && (
              <button type="button" class="button small" onClick={() => void end(one)}>
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
