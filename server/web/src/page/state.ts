// SPDX-License-Identifier: Apache-2.0
import { batch, computed, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { Client, openStorage } from '../msg';
import type { Change, Id, PreferencesPatch, SignedIn } from '../msg';

export interface Session {
  token: string;
  userId: Id;
}

const kSession = 'msg.session';
const kTheme = 'msg.theme';

export type Theme = 'system' | 'light' | 'dark';

export const session = signal<Session | null>(null);
export const client = signal<Client | null>(null);
export const theme = signal<Theme>((localStorage.getItem(kTheme) as Theme | null) ?? 'system');
/** Bumped when the thing of that name looks different. */
export const versions = {
  state: signal(0),
  list: signal(0),
  users: signal(0),
  presence: signal(0),
  typing: signal(0),
};
const conversations = new Map<Id, Signal<number>>();
export const toast = signal<string | null>(null);
export const minute = signal(Math.floor(Date.now() / 60_000));
export const route = signal(location.hash);

export const openId = computed<Id | null>(() => /^#\/c\/(\d+)/.exec(route.value)?.[1] ?? null);

export function versionOf(id: Id): Signal<number> {
  let version = conversations.get(id);
  if (!version) conversations.set(id, (version = signal(0)));
  return version;
}

/** The client of who is signed in; a part that needs one is shown to nobody else. */
export function me(): Client {
  return client.value!;
}

export function go(hash: string): void {
  if (location.hash !== hash) location.hash = hash;
}

export function say(text: string): void {
  toast.value = text;
  setTimeout(() => toast.value === text && (toast.value = null), 5000);
}

/** Of what a person asked for: tells them when it did not work. */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

export function setTheme(value: Theme): void {
  theme.value = value;
  localStorage.setItem(kTheme, value);
  showTheme();
}

export function showTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

// Changes come by the hundred while a device catches up: the page takes them together.
const due = new Set<Signal<number>>();
let planned = false;

function onChange(change: Change): void {
  due.add(change.what === 'conversation' ? versionOf(change.id) : versions[change.what]);
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    const bumped = [...due];
    due.clear();
    batch(() => bumped.forEach((version) => version.value++));
    if (client.value?.state === 'signed_out') void signOut(false);
  }, 12);
}

export const kForGood = '9999-12-30T00:00:00.000Z';

export function prefer(id: Id, patch: PreferencesPatch): void {
  void attempt(me().prefer(id, patch));
}

export function preferenceOf(id: Id) {
  minute.value;
  const { pinned = false, archived = false, muted_until = null } =
    me().model.views.get(id)?.preferences ?? {};
  return { pinned, archived, muted: muted_until !== null && Date.parse(muted_until) > Date.now() };
}

let tabs: BroadcastChannel | null = null;

async function begin(known: Session): Promise<void> {
  const storage = await openStorage(`msg-${known.userId}`);
  const made = new Client({ base: location.origin, token: known.token, storage });
  made.onChange(onChange);
  tabs = new BroadcastChannel(`msg-${known.userId}`);
  tabs.onmessage = ({ data }) => {
    if (data.signedOut) location.reload();
  };
  await made.open();
  batch(() => {
    client.value = made;
    session.value = known;
  });
}

export async function signedIn(answer: SignedIn): Promise<void> {
  const known = { token: answer.token, userId: answer.user.id };
  localStorage.setItem(kSession, JSON.stringify(known));
  await begin(known);
}

/** Ends the session, and what this browser keeps of it. */
export async function signOut(tell = true): Promise<void> {
  const ended = client.value;
  if (!ended || !session.value) return;
  batch(() => {
    client.value = null;
    session.value = null;
  });
  localStorage.removeItem(kSession);
  if (tell) {
    const sessions = await ended.ask('sessions', {}).catch(() => null);
    const current = sessions?.items.find((one) => one.current);
    if (current) await ended.rest.remove(`/sessions/${current.id}`).catch(() => undefined);
  }
  tabs?.postMessage({ signedOut: true });
  tabs?.close();
  await ended.close();
  await ended.storage.destroy();
  go('#/');
}

export async function start(): Promise<void> {
  showTheme();
  addEventListener('hashchange', () => (route.value = location.hash));
  addEventListener('online', () => client.value?.probe());
  addEventListener('offline', () => client.value?.probe());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.value?.probe();
  });
  setInterval(() => (minute.value = Math.floor(Date.now() / 60_000)), 10_000);
  const text = localStorage.getItem(kSession);
  if (text) await begin(JSON.parse(text) as Session);
}
