// SPDX-License-Identifier: Apache-2.0
import type { FrameError, Problem } from './types';

/** What the server refused, or that it could not be asked. `code` is what a caller branches on. */
export class MsgError extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly field: string | null = null,
    readonly retryAfterMs: number | null = null,
    readonly status = 0,
  ) {
    super(detail);
    this.name = 'MsgError';
  }

  static ofFrame(error: FrameError): MsgError {
    return new MsgError(
      error.code, error.detail, error.field, error.retry_after_ms, error.status);
  }

  static ofProblem(problem: Problem, retryAfter: string | null): MsgError {
    const field = problem.errors?.[0]?.pointer ?? null;
    const wait = retryAfter === null ? null : Number(retryAfter) * 1000;
    return new MsgError(problem.code, problem.detail, field, wait, problem.status);
  }

  /** Nobody was there to answer: it may or may not have happened. */
  static disconnected(): MsgError {
    return new MsgError('disconnected', 'Not connected to the server.');
  }

  /** Whether the same request may succeed later, unchanged. */
  get isTransient(): boolean {
    return ['disconnected', 'rate_limited', 'overloaded', 'unavailable', 'internal',
      'request_timeout'].includes(this.code);
  }
}
