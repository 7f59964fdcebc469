// SPDX-License-Identifier: Apache-2.0
// Keys that work everywhere; docs/web.md lists them.
import { go, me, openId } from './state';
import { listed } from './sidebar';

function step(by: number): void {
  const ids = listed().map((view) => view.conversation.id);
  const at = ids.indexOf(openId.value ?? '');
  const next = ids[at < 0 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by))];
  if (next) go(`#/c/${next}`);
}

export function showKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
      document.querySelector<HTMLInputElement>('.search input')?.focus();
    } else if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      step(event.key === 'ArrowDown' ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  };
  // The person is here: others may see it.
  let told = 0;
  const onActive = () => {
    if (document.visibilityState !== 'visible' || Date.now() - told < 60_000) return;
    told = Date.now();
    void me().ask('away', { away: false }).catch(() => undefined);
  };
  const onVisible = () => {
    if (document.visibilityState === 'visible') onActive();
    else {
      told = 0;
      void me().ask('away', { away: true }).catch(() => undefined);
    }
  };
  addEventListener('keydown', onKeyDown);
  addEventListener('pointerdown', onActive);
  addEventListener('keydown', onActive);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    removeEventListener('keydown', onKeyDown);
    removeEventListener('pointerdown', onActive);
    removeEventListener('keydown', onActive);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
