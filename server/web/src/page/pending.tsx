// SPDX-License-Identifier: Apache-2.0
import { CircleAlert, Clock } from 'lucide-preact';
import type { Id } from '../msg';
import { me, versionOf } from './state';
import { emojiOnly, Text } from './text';
import { clockTime } from './words';

/** What is on its way out, below everything that has a number. */
export function PendingLines({ id, isEmpty }: { id: Id; isEmpty: boolean }) {
  versionOf(id).value;
  const waiting = me().outbox.of(id);
  return (
    <div class="tail">
      {isEmpty && waiting.length === 0 && <p class="system">No messages here yet.</p>}
      {waiting.map((item, index) => (
        <div class="line" key={item.client_id}>
          <div class={`message own last ${index === 0 ? 'first' : ''}`} role="article"
            aria-label="You, not sent yet">
            <div class="stack">
              <div class="bubble">
                <div class={`text ${emojiOnly(item.content) ? 'big' : ''}`}>
                  <Text content={item.content} mentions={item.mentions} />
                  <span class="meta">
                    <time dateTime={item.at}>{clockTime(item.at)}</time>
                    {item.refused === null
                      ? <Clock role="img" aria-label="waiting to be sent" />
                      : <CircleAlert class="failed" role="img" aria-label="not sent" />}
                  </span>
                </div>
              </div>
            </div>
          </div>
          {item.refused !== null && (
            <div class="refusal" role="alert">
              <span>{item.refused}</span>
              <button type="button" onClick={() => me().outbox.retry(item.client_id)}>
                Try again
              </button>
              <button type="button" onClick={() => me().outbox.remove(item.client_id)}>
                Discard
              </button>
            </div>
          )}
        </div>
      ))}
    </div>
  );
}
