// SPDX-License-Identifier: Apache-2.0
import { X } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { Conversation, User } from '../msg';
import { MsgError } from '../msg';
import { closeDialog, Dialog } from './parts';
import { attempt, go, me, say } from './state';
import { userName } from './words';

type Kind = 'direct' | 'group' | 'join';
const kKinds: [Kind, string][] = [['direct', 'Person'], ['group', 'Group'], ['join', 'Invitation']];

export function NewChat() {
  const [kind, setKind] = useState<Kind>('direct');
  return (
    <Dialog title="New conversation">
      <div class="segments">
        {kKinds.map(([value, text]) => (
          <button type="button" aria-pressed={kind === value} onClick={() => setKind(value)}>
            {text}
          </button>
        ))}
      </div>
      {kind === 'direct' && <Direct />}
      {kind === 'group' && <Group />}
      {kind === 'join' && <Join />}
    </Dialog>
  );
}

async function show(conversation: { id: string }): Promise<void> {
  await me().loadView(conversation.id);
  closeDialog();
  go(`#/c/${conversation.id}`);
}

const value = (event: SubmitEvent, name: string) =>
  String(new FormData(event.currentTarget as HTMLFormElement).get(name)).trim();

/** Finds somebody by the name that was typed. */
export async function findPerson(typed: string): Promise<User> {
  const name = typed.replace(/^@/, '');
  try {
    return await me().rest.get<User>(`/users/by-username/${encodeURIComponent(name)}`);
  } catch (error) {
    if (!(error instanceof MsgError) || error.code !== 'not_found') throw error;
    throw new Error('There is nobody of that name.');
  }
}

/** Where the server lets users be found by number, and a few times a day. */
async function openByPhone(phone: string): Promise<Conversation> {
  try {
    return await me().rest.post<Conversation>('/conversations', { kind: 'direct', phone });
  } catch (error) {
    if (!(error instanceof MsgError)) throw error;
    if (error.code === 'permission_denied') {
      throw new Error('This server finds nobody by number. Ask for the username.');
    }
    if (error.code === 'not_found') throw new Error('Nobody is to be found by this number.');
    throw error;
  }
}

async function openByName(name: string): Promise<Conversation> {
  const user = await findPerson(name);
  me().people.take(user);
  return me().ask('open_direct', { user_id: user.id });
}

function Direct() {
  const [error, setError] = useState('');
  const open = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      const typed = value(event, 'person');
      const isPhone = /^\+[\d\s().-]+$/.test(typed);
      await show(await (isPhone ? openByPhone : openByName)(typed));
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return (
    <form class="dialog-form" onSubmit={(event) => void open(event)}>
      <label class="field">
        <span>Username or phone number</span>
        <input class="input" name="person" required autofocus autocomplete="off"
          autocapitalize="none" spellcheck={false} placeholder="bob" />
      </label>
      {error && <p class="error" role="alert">{error}</p>}
      <div class="actions"><button class="button primary">Open</button></div>
    </form>
  );
}

/** A field that turns what is typed into people, one after the other. */
export function PeopleField(props: { people: User[]; change: (people: User[]) => void }) {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const add = async () => {
    if (!text.trim()) return;
    try {
      const user = await findPerson(text.trim());
      me().people.take(user);
      if (!props.people.some((one) => one.id === user.id)) props.change([...props.people, user]);
      setText('');
      setError('');
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return (
    <div class="field">
      <label for="people">Members</label>
      {props.people.length > 0 && (
        <div class="chips">
          {props.people.map((user) => (
            <span class="chip">{userName(user)}
              <button type="button" aria-label={`Without ${userName(user)}`} onClick={() =>
                props.change(props.people.filter((one) => one.id !== user.id))}><X /></button>
            </span>
          ))}
        </div>
      )}
      <div class="with-button">
        <input id="people" class="input" value={text} placeholder="Username" autocomplete="off"
          autocapitalize="none" spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            void add();
          }} />
        <button type="button" class="button" onClick={() => void add()}>Add</button>
      </div>
      {error && <p class="error" role="alert">{error}</p>}
    </div>
  );
}

function Group() {
  const [people, setPeople] = useState<User[]>([]);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const made = await attempt(me().rest.post<Conversation>('/conversations', {
      kind: 'group', title: value(event, 'title'), user_ids: people.map((user) => user.id),
    }));
    if (made) await attempt(show(made));
  };
  return (
    <form class="dialog-form" onSubmit={(event) => void make(event)}>
      <label class="field">
        <span>Title</span>
        <input class="input" name="title" maxLength={128} required autofocus autocomplete="off" />
      </label>
      <PeopleField people={people} change={setPeople} />
      <div class="actions"><button class="button primary">Create group</button></div>
    </form>
  );
}

function Join() {
  const join = async (event: SubmitEvent) => {
    event.preventDefault();
    const token = value(event, 'token');
    const member = await attempt(
      me().rest.post<{ conversation_id?: string }>('/conversations/join', { token }));
    if (!member) return;
    if (member.conversation_id) {
      await attempt(show({ id: member.conversation_id }));
    } else {
      closeDialog();
      say('You have asked to join. Somebody there has to let you in.');
    }
  };
  return (
    <form class="dialog-form" onSubmit={(event) => void join(event)}>
      <label class="field">
        <span>Invitation</span>
        <input class="input" name="token" required autofocus autocomplete="off"
          placeholder="mil_…" pattern="mil_[A-Za-z0-9_\-]{32}" />
      </label>
      <div class="actions"><button class="button primary">Join</button></div>
    </form>
  );
}
