// SPDX-License-Identifier: Apache-2.0
import type { LogLines, Rest } from '../msg';
import { usePolled } from './polled';

const kEveryMs = 10_000;

type Line = LogLines['items'][number];

/** The latest warnings and errors that the node has logged. */
export function Problems({ rest }: { rest: Rest }) {
  const { answer, error } = usePolled<LogLines>(rest, '/log', kEveryMs);
  const lines = answer?.items;
  return (
    <section class="panel">
      <h2>Warnings and errors, the latest first</h2>
      {error && <p class="hint">{error}</p>}
      {lines?.length === 0 && <p class="hint">None since the start.</p>}
      {lines && lines.length > 0 && (
        <ul class="problems" tabIndex={0} aria-label="Warnings and errors">
          {lines.map((line) => <Problem line={line} />)}
        </ul>
      )}
    </section>
  );
}

function Problem({ line }: { line: Line }) {
  const { time, level, event, ...fields } = line;
  return (
    <li>
      <time class="tabular" dateTime={time}>{new Date(time).toLocaleString()}</time>
      <b class={level === 'error' ? 'error' : ''}>{event}</b>
      <span>{Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}`).join(', ')}
      </span>
    </li>
  );
}
