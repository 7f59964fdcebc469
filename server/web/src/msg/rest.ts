// SPDX-License-Identifier: Apache-2.0
import { MsgError } from './problem';
import type { Problem } from './types';

export type Query = Record<string, string | number | boolean | undefined>;

export interface RestOptions {
  /** Where the server is, without a slash at the end; the empty string is the page's own. */
  base: string;
  token?: string;
  fetch?: typeof fetch;
}

/** The HTTP interface under /api/v1. Every failure is a MsgError. */
export class Rest {
  private readonly fetch: typeof fetch;

  constructor(private readonly options: RestOptions) {
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  get = <T>(path: string, query?: Query) => this.ask<T>('GET', path, undefined, query);
  post = <T>(path: string, body: object = {}) => this.ask<T>('POST', path, body);
  put = <T>(path: string, body: object = {}) => this.ask<T>('PUT', path, body);
  patch = <T>(path: string, body: object) => this.ask<T>('PATCH', path, body);
  remove = <T>(path: string, query?: Query) => this.ask<T>('DELETE', path, undefined, query);

  /** `path` is below /api/v1; `as` names the user that a key acts as. */
  async ask<T>(method: string, path: string, body?: object, query?: Query, as?: string):
      Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (this.options.token) headers.Authorization = `Bearer ${this.options.token}`;
    if (as) headers['X-User-Id'] = as;
    const request: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store' };
    if (body !== undefined) request.body = JSON.stringify(body);
    let response: Response;
    try {
      response = await this.fetch(`${this.options.base}/api/v1${path}${search(query)}`, request);
    } catch {
      throw MsgError.disconnected();
    }
    return answer<T>(response);
  }
}

function search(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

async function answer<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    // A proxy in between answers in its own words.
    const code = response.status >= 500 ? 'unavailable' : 'internal';
    throw new MsgError(code, `The server answered ${response.status}.`, null, null,
      response.status);
  }
  if (!response.ok) throw MsgError.ofProblem(body as Problem, response.headers.get('Retry-After'));
  return body as T;
}
