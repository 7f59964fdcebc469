// SPDX-License-Identifier: Apache-2.0
import { MsgError } from './problem';
import type { FrameError, Greeting, LiveEventFrame, Requests } from './types';

/**
 * offline      no connection; the next attempt is planned
 * connecting   on the way to an answered hello
 * catching_up  what was missed is coming
 * live         everything comes as it happens
 * displaced    too many connections of this user: somebody has to ask for this one again
 * signed_out   the token is good no more
 */
export type ConnectionState =
  'offline' | 'connecting' | 'catching_up' | 'live' | 'displaced' | 'signed_out';

export interface ConnectionOptions {
  /** ws://…/api/v1/ws */
  url: string;
  token: string;
  /** The cursor to resume from; asked for at each attempt. '' is from the beginning. */
  cursor: () => string;
  onState: (state: ConnectionState) => void;
  onGreeting: (greeting: Greeting) => void;
  onEvent: (event: LiveEventFrame) => void;
  /** The cursor is of another store: drop what there is, the next hello says ''. */
  onCursorRefused: () => Promise<void>;
  WebSocket?: typeof WebSocket;
}

interface Waiting {
  resolve: (result: never) => void;
  reject: (error: MsgError) => void;
}

const kBackoffMs = [300, 700, 1500, 3000, 6000, 12_000, 20_000];
const kQuietMs = 25_000;  // after it the server is asked whether it is there
const kPatienceMs = 10_000;

/** One WebSocket at a time, kept up: hello, resume, requests and replies, reconnecting. */
export class Connection {
  state: ConnectionState = 'offline';
  private socket: WebSocket | null = null;
  private greeted = false;
  private nextId = 1;
  private attempt = 0;
  private readonly waiting = new Map<number, Waiting>();
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private quietTimer: ReturnType<typeof setTimeout> | undefined;
  private stopped = true;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.open();
  }

  /** For good, unless it is started again. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    this.drop(1000);
    this.become('offline');
  }

  /** Without waiting for the planned attempt, also when this connection was displaced. */
  retryNow(): void {
    if (this.stopped || this.socket || this.state === 'signed_out') return;
    this.attempt = 0;
    this.open();
  }

  /** Asks whether the server is still there; if not, the connection is begun anew. */
  probe(): void {
    if (this.socket && this.greeted) this.ping(4000);
    else this.retryNow();
  }

  /** Rejects with `disconnected` when there is no connection, or it ends before the reply. */
  request<Op extends keyof Requests>(op: Op, ask: Requests[Op]['ask']):
      Promise<Requests[Op]['result']> {
    if (!this.socket || !this.greeted) return Promise.reject(MsgError.disconnected());
    return this.exchange(op, ask);
  }

  private exchange<Op extends keyof Requests>(op: Op, ask: Requests[Op]['ask']):
      Promise<Requests[Op]['result']> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.socket!.send(JSON.stringify({ id, op, ...ask }));
    });
  }

  private become(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state);
  }

  private open(): void {
    clearTimeout(this.retryTimer);
    this.become('connecting');
    const Socket = this.options.WebSocket ?? globalThis.WebSocket;
    const socket = new Socket(this.options.url, 'msg.v1.json');
    this.socket = socket;
    const mine = () => this.socket === socket;
    socket.onopen = () => mine() && void this.greet(socket);
    socket.onmessage = (event) => mine() && this.take(JSON.parse(event.data as string));
    socket.onclose = (event) => mine() && this.closed(event.code, event.reason);
    this.quietTimer = setTimeout(() => mine() && this.lost(), kPatienceMs);
  }

  private async greet(socket: WebSocket): Promise<void> {
    try {
      const cursor = this.options.cursor();
      const greeting = await this.exchange('hello', { token: this.options.token, cursor });
      this.greeted = true;
      this.options.onGreeting(greeting);
      if (this.state === 'connecting') this.become('catching_up');
    } catch (error) {
      if (this.socket !== socket || !(error instanceof MsgError)) return;
      if (error.field?.endsWith('cursor')) {
        await this.options.onCursorRefused();
        if (this.socket === socket) await this.greet(socket);
      } else if (error.code !== 'disconnected') {
        this.lost(error.retryAfterMs ?? undefined);
      }
    }
  }

  private take(frame: Record<string, unknown>): void {
    this.heard();
    if ('event' in frame) {
      const event = frame as unknown as LiveEventFrame;
      this.options.onEvent(event);
      if (event.event === 'live') {
        this.attempt = 0;
        this.become('live');
      }
      return;
    }
    const waiting = this.waiting.get(frame.id as number);
    if (!waiting) return;
    this.waiting.delete(frame.id as number);
    if (frame.ok) waiting.resolve(frame.result as never);
    else waiting.reject(MsgError.ofFrame(frame.error as FrameError));
  }

  // A socket whose other side has vanished says nothing: so the server is asked now and then.
  private heard(): void {
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(() => this.ping(kPatienceMs), kQuietMs);
  }

  private ping(patienceMs: number): void {
    if (!this.socket || !this.greeted) return;
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(() => this.lost(), patienceMs);
    this.exchange('ping', {} as Record<string, never>).catch(() => undefined);
  }

  private closed(code: number, reason: string): void {
    const wait = /retry_after_ms=(\d+)/.exec(reason)?.[1];
    if (code === 4401) {
      this.drop();
      this.stopped = true;
      this.become('signed_out');
    } else if (code >= 4500) {
      this.drop();
      this.become('displaced');
    } else {
      this.lost(wait === undefined ? undefined : Number(wait));
    }
  }

  private lost(waitMs?: number): void {
    this.drop(4000);
    this.become('offline');
    if (this.stopped) return;
    const planned = kBackoffMs[Math.min(this.attempt, kBackoffMs.length - 1)]!;
    this.attempt += 1;
    const delay = waitMs ?? planned * (0.7 + 0.6 * Math.random());
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.open(), delay);
  }

  private drop(code?: number): void {
    clearTimeout(this.quietTimer);
    const socket = this.socket;
    this.socket = null;
    this.greeted = false;
    if (socket && code !== undefined && socket.readyState <= 1) socket.close(code);
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const one of waiting) one.reject(MsgError.disconnected());
  }
}
