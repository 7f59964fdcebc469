// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import type { Message, Recipient, RecipientPage, Seq } from '../msg';
import { Avatar, closeDialog, Dialog, ViewAvatar } from './parts';
import { attempt, go, me, versions } from './state';
import { fullTime, nameOf, titleOf } from './words';

/** Who has it, who has read it, and since when. */
export function MessageInfo({ message }: { message: Message }) {
  const [recipients, setRecipients] = useState<Recipient[] | null>(null);
  const own = message.sender_id === me().model.myId;
  versions.users.value;
  useEffect(() => {
    if (!own) return;
    void attempt(me().rest.get<RecipientPage>(`/messages/${message.id}/recipients`, { limit: 200 }))
      .then((page) => setRecipients(page?.items ?? []));
  }, [message.id]);
  const of = (state: string) => recipients?.filter((one) => one.status === state) ?? [];
  return (
    <Dialog title={own ? 'Read by' : 'Details'}>
      <p class="hint">Sent {fullTime(message.created_at)}
        {message.edited_at && <>, edited {fullTime(message.edited_at)}</>}</p>
      {own && recipients === null && <p class="hint">Loading…</p>}
      {recipients && (
        <>
          <People title="Read" of={of('read')} at={(one) => one.read_at} />
          <People title="Delivered" of={of('delivered')} at={(one) => one.delivered_at} />
          <People title="Not delivered yet" of={of('sent')} at={() => null} />
          {recipients.length === 0 && <p class="hint">Nobody else was here to read it.</p>}
        </>
      )}
    </Dialog>
  );
}

function People(props: { title: string; of: Recipient[]; at: (one: Recipient) => string | null }) {
  if (props.of.length === 0) return null;
  return (
    <section>
      <h3 class="group-title">{props.title}</h3>
      <ul class="people">
        {props.of.map((one) => {
          const at = props.at(one);
          return (
            <li class="person">
              <Avatar id={one.user_id} name={nameOf(one.user_id)} size={36} />
              <span class="grow ellipsis">{nameOf(one.user_id)}
                {at && <small>{fullTime(at)}</small>}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function ForwardDialog({ message }: { message: Message }) {
  const views = me().list().filter((view) => view.self.active);
  const forward = async (id: string) => {
    const sent = await attempt(me().ask('forward', {
      message_id: message.id, conversation_id: id, client_id: crypto.randomUUID(),
    }));
    if (!sent) return;
    me().takeMessage(sent);
    closeDialog();
    go(`#/c/${id}`);
  };
  return (
    <Dialog title="Forward to">
      <ul class="people">
        {views.map((view) => (
          <li>
            <button type="button" class="person" onClick={() => void forward(view.conversation.id)}>
              <ViewAvatar view={view} size={36} />
              <span class="grow ellipsis">{titleOf(view)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Finds the first message of a day and shows it. */
export function JumpToDate({ id, show }: { id: string; show: (seq: Seq) => void }) {
  const [error, setError] = useState('');
  const jump = async (event: SubmitEvent) => {
    event.preventDefault();
    const day = String(new FormData(event.currentTarget as HTMLFormElement).get('day'));
    const page = await attempt(me().ask('history', {
      conversation_id: id, from: new Date(`${day}T00:00`).toISOString(), order: 'asc', limit: 1,
    }));
    if (!page) return;
    if (!page.items[0]) {
      setError('Nothing was said on that day or later.');
      return;
    }
    closeDialog();
    show(page.items[0].seq);
  };
  return (
    <Dialog title="Jump to a date">
      <form class="with-button" onSubmit={(event) => void jump(event)}>
        <input class="input" type="date" name="day" aria-label="Date" required
          max={new Date().toLocaleDateString('sv')} />
        <button class="button primary">Show</button>
      </form>
      {error && <p class="error" role="alert">{error}</p>}
    </Dialog>
  );
}
