// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import { MessageSquareText } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Chat } from './chat';
import { Info } from './info';
import { showKeys } from './keys';
import { MenuLayer } from './parts';
import { SignIn } from './sign_in';
import { Sidebar } from './sidebar';
import { client, go, me, openId, preferenceOf, toast, versionOf, versions } from './state';
import { titleOf } from './words';

export const dialog = signal<JSX.Element | null>(null);
export const infoOpen = signal(false);

export function App() {
  return (
    <>
      {client.value ? <Shell /> : <SignIn />}
      {dialog.value}
      <div role="status" aria-live="polite">
        {toast.value && <div class="toast">{toast.value}</div>}
      </div>
    </>
  );
}

function Shell() {
  const id = openId.value;
  versions.list.value;
  const view = id ? me().model.views.get(id) : undefined;
  useEffect(() => showKeys(), []);
  useTitle();
  // A link to a conversation that this device does not know yet, or that is not the user's.
  useEffect(() => {
    if (id && !view) me().loadView(id).catch(() => go('#/'));
  }, [id, view]);
  const withInfo = view && infoOpen.value;
  return (
    <main class={`shell ${view ? 'chatting' : ''} ${withInfo ? 'with-info' : ''}`}>
      <Sidebar />
      <section class="main" aria-label="Conversation">
        {view ? <Chat key={id} id={id!} /> : (
          <div class="nothing-open">
            <MessageSquareText aria-hidden />
            <p>Pick a conversation, or begin one.</p>
          </div>
        )}
      </section>
      {withInfo && <Info key={id} id={id!} />}
      <MenuLayer />
    </main>
  );
}

/** What is unread shows in the tab, too. */
function useTitle() {
  const id = openId.value;
  if (id) versionOf(id).value;
  const unread = me().list().filter((view) =>
    view.unread_count > 0 && !preferenceOf(view.conversation.id).muted).length;
  const view = id ? me().model.views.get(id) : undefined;
  const name = view ? titleOf(view) : 'Messages';
  useEffect(() => {
    document.title = unread ? `(${unread}) ${name}` : name;
  }, [unread, name]);
}
