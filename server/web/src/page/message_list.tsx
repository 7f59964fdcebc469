// SPDX-License-Identifier: Apache-2.0
//
// A list of any length: only the rows on the screen are in the page. Rows stand at the sum of the
// heights above them, of which most are guesses; when one is measured, what the reader looks at
// stays where it is.
import { ArrowDown } from 'lucide-preact';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { Id, Seq } from '../msg';
import { Heights } from './heights';
import { Line } from './message_line';
import { PendingLines } from './pending';
import { me, versionOf, versions } from './state';
import { many } from './words';

const kEstimate = 46;
const kBeyond = 500;  // pixels that are rendered above and below
const kSettleMs = 70;

/** What the reader looks at: the end, or a row at a distance from the top of the view. */
type Anchor = 'end' | { seq: Seq; y: number };

export interface ListControl {
  show: (seq: Seq) => void;
  toEnd: () => void;
}

interface Props {
  id: Id;
  /** Where unread messages began when the conversation was opened; 0: nowhere. */
  unreadFrom: Seq;
  control: RefObject<ListControl>;
}

export function MessageList({ id, unreadFrom, control }: Props) {
  versionOf(id).value;
  versions.users.value;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const timeline = useMemo(() => me().timeline(id), [id]);
  const heights = useMemo(() => new Heights(kEstimate), [id]);
  const anchor = useRef<Anchor>(unreadFrom ? { seq: unreadFrom, y: 90 } : 'end');
  const flash = useRef<Seq>(0);
  const settle = useRef<ReturnType<typeof setTimeout>>();
  const size = useRef({ height: 700, width: 0 });
  const [, again] = useReducer((n: number) => n + 1, 0);

  const { first, last } = timeline.range;
  const base = useRef(first);
  if (base.current !== first) {
    base.current = first;
    heights.reset();
  }
  heights.resize(Math.max(0, last - first + 1));
  const total = heights.top(heights.length);
  const top = scrollTopOf(anchor.current, heights, first, size.current.height, total);
  const from = heights.at(Math.max(0, top - kBeyond));
  const to = Math.min(heights.length - 1, heights.at(top + size.current.height + kBeyond));
  const rendered = useRef({ from: 0, to: 0 });
  rendered.current = { from, to };

  // What the reader looks at stays in place, whatever was measured, came or went.
  const hold = () => {
    const box = scroller.current!;
    const wanted = anchor.current === 'end' ? box.scrollHeight - box.clientHeight
      : heights.top(anchor.current.seq - first) - anchor.current.y;
    if (Math.abs(box.scrollTop - wanted) >= 1) box.scrollTop = wanted;
  };
  const measure = (): boolean => {
    let news = false;
    for (const row of rows.current!.children) {
      const seq = Number((row as HTMLElement).dataset.seq);
      news = heights.set(seq - first, (row as HTMLElement).getBoundingClientRect().height) || news;
    }
    return news;
  };

  useLayoutEffect(() => {
    const news = measure();
    hold();
    if (news) again(0);
  });

  const bring = () => {
    clearTimeout(settle.current);
    settle.current = setTimeout(() => {
      const { from: low, to: high } = rendered.current;
      void timeline.ensure(first + low - 20, first + high + 20);
      markRead();
    }, kSettleMs);
  };
  useEffect(bring);

  const markRead = () => {
    const box = scroller.current;
    if (!box || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    const bottom = anchor.current === 'end' ? heights.length - 1
      : heights.at(box.scrollTop + box.clientHeight - 24);
    const seq = Math.min(last, first + bottom);
    if (seq >= first) me().read(id, seq);
  };

  const onScroll = () => {
    const box = scroller.current!;
    const room = box.scrollHeight - box.clientHeight - box.scrollTop;
    if (room < 24) {
      anchor.current = 'end';
    } else {
      const at = heights.at(box.scrollTop);
      anchor.current = { seq: first + at, y: heights.top(at) - box.scrollTop };
    }
    const low = heights.at(Math.max(0, box.scrollTop - kBeyond / 2));
    const high = heights.at(box.scrollTop + box.clientHeight + kBeyond / 2);
    const now = rendered.current;
    const isEnd = anchor.current === 'end';
    if (low < now.from || high > now.to || isEnd !== wasEnd.current) again(0);
    wasEnd.current = isEnd;
    bring();
  };
  const wasEnd = useRef(anchor.current === 'end');

  useEffect(() => {
    const box = scroller.current!;
    const watcher = new ResizeObserver(() => {
      size.current.height = box.clientHeight;
      if (size.current.width !== box.clientWidth) {
        size.current.width = box.clientWidth;
        heights.reset();
      }
      again(0);
    });
    watcher.observe(box);
    // Fonts that arrive late change what was measured.
    void document.fonts.ready.then(() => again(0));
    const onFocus = () => markRead();
    addEventListener('focus', onFocus);
    document.addEventListener('visibilitychange', onFocus);
    return () => {
      watcher.disconnect();
      clearTimeout(settle.current);
      removeEventListener('focus', onFocus);
      document.removeEventListener('visibilitychange', onFocus);
    };
  }, [id]);

  const show = (seq: Seq) => {
    const place = Math.max(first, Math.min(last, seq));
    anchor.current = { seq: place, y: Math.round(size.current.height * 0.3) };
    flash.current = place;
    void timeline.ensure(place - 30, place + 30).then(() => again(0));
    again(0);
  };
  const toEnd = () => {
    anchor.current = 'end';
    again(0);
  };
  (control as { current: ListControl }).current = { show, toEnd };
  // The same for all rows and all the time, so that rows are not drawn anew for it.
  const showRow = useMemo(() => (seq: Seq) => control.current!.show(seq), [id]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === 'End') toEnd();
    else if (event.key === 'Home') show(first);
    else if (step && !event.altKey) moveFocus(rows.current!, step);
    else return;
    event.preventDefault();
  };

  const view = me().model.views.get(id)!;
  const seqs = [];
  for (let index = from; index <= to; ++index) seqs.push(first + index);
  const below = anchor.current !== 'end';
  return (
    <>
      <div class="scroller" ref={scroller} onScroll={onScroll} onKeyDown={onKeyDown} tabIndex={0}
        role="region" aria-label="Messages">
        <div class="spacer" style={{ height: `${total}px` }}>
          <div class="window" ref={rows} role="list"
            style={{ transform: `translateY(${heights.top(from)}px)` }}>
            {seqs.map((seq) => (
              <Line key={seq} id={id} seq={seq} first={first} last={last} show={showRow}
                isUnreadStart={seq === unreadFrom} flash={flash.current === seq} />
            ))}
          </div>
        </div>
        <PendingLines id={id} isEmpty={last < first} />
      </div>
      {below && (
        <button type="button" class="to-bottom" onClick={toEnd}
          aria-label={view.unread_count ? `To the end, ${many(view.unread_count, 'new message')}`
            : 'To the end'}>
          {view.unread_count > 0 && <span class="badge">{view.unread_count}</span>}
          <ArrowDown />
        </button>
      )}
    </>
  );
}

function scrollTopOf(anchor: Anchor, heights: Heights, first: Seq, height: number,
  total: number): number {
  if (anchor === 'end') return Math.max(0, total - height);
  return Math.max(0, heights.top(anchor.seq - first) - anchor.y);
}

function moveFocus(rows: HTMLElement, step: number): void {
  const all = [...rows.querySelectorAll<HTMLElement>('.message')];
  const at = all.indexOf(document.activeElement?.closest('.message') as HTMLElement);
  const bottom = rows.closest('.scroller')!.getBoundingClientRect().bottom;
  const seen = all.filter((row) => row.getBoundingClientRect().bottom <= bottom + 2);
  const next = all[at < 0 ? seen.length - 1 : at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}
